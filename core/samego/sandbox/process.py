"""A running sandbox: its output, its use of resources, and its end.

bwrap writes the pid of the sandbox's first process. When that process is gone, the kernel has ended
all others in its pid namespace.
"""

from __future__ import annotations

import enum
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from samego.errors import SandboxError
from samego.sandbox.limits import SandboxLimits
from samego.sandbox.measure import Usage

#: Seconds after which the clock is read again, and how long ended processes may take to go.
_TICK, _GRACE = 0.05, 10.0
_CHUNK = 1 << 16
#: Bytes that bwrap's status and the shell's times can have at most.
_STATUS, _TIMES = 1 << 14, 1 << 10


class Ending(enum.Enum):
    """Why the sandbox ended a command."""

    TIME = "it took too long"
    OUTPUT = "it printed too much"
    SPACE = "it wrote too much"
    STOPPED = "it was asked to stop"


@dataclass(frozen=True, slots=True)
class SandboxOutcome:
    """The result of a command that ended; ``status`` is None where it has none."""

    status: int | None
    ended: Ending | None
    stdout: bytes
    stderr: bytes
    times: bytes


@dataclass(slots=True)
class Pipe:
    """The reading end of a pipe, the bytes read so far, and their limit."""

    descriptor: int
    limit: int
    data: bytearray = field(default_factory=bytearray)

    @property
    def full(self) -> bool:
        """Whether the limit was exceeded; further bytes are dropped."""
        return len(self.data) > self.limit


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipes of a sandbox: its output, bwrap's status, the shell's times."""

    stdout: Pipe
    stderr: Pipe
    status: Pipe
    times: Pipe

    def all(self) -> tuple[Pipe, ...]:
        """The four of them."""
        return (self.stdout, self.stderr, self.status, self.times)


class Process:
    """A started sandbox; :func:`started` makes and ends it."""

    def __init__(self, process: subprocess.Popen[bytes], pipes: Pipes) -> None:
        self._process = process
        self._pipes = pipes
        self._open = {pipe.descriptor: pipe for pipe in pipes.all()}
        self._outer = os.pidfd_open(process.pid)
        self._first: int | None = None

    def wait(
        self, limits: SandboxLimits, usage: Usage, stop: threading.Event | None
    ) -> SandboxOutcome:
        """Wait for the end, or end it where it reaches a limit."""
        deadline = time.monotonic() + limits.seconds
        ended = None
        while ended is None and self._process.poll() is None:
            self._read(_TICK)
            if self._printed_too_much():
                ended = Ending.OUTPUT
            elif usage.exceeded():
                ended = Ending.SPACE
            elif stop is not None and stop.is_set():
                ended = Ending.STOPPED
            elif time.monotonic() > deadline:
                ended = Ending.TIME
        self.end()
        if ended is None and self._printed_too_much():
            ended = Ending.OUTPUT
        if ended is None and usage.exceeded(last=True):
            ended = Ending.SPACE
        stdout, stderr = (
            bytes(pipe.data[: pipe.limit]) for pipe in (self._pipes.stdout, self._pipes.stderr)
        )
        times = bytes(self._pipes.times.data)
        return SandboxOutcome(_number(self._status(), "exit-code"), ended, stdout, stderr, times)

    def end(self) -> None:
        """End all of its processes and wait until they are gone."""
        deadline = time.monotonic() + _GRACE
        # bwrap writes the number of its first process before the command can start.
        while self._first is None and self._process.poll() is None:
            self._read(_TICK)
            if time.monotonic() > deadline:
                self._process.kill()
        self._read(0)
        if self._first is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            while not _ready([self._first], _TICK):
                if time.monotonic() > deadline:
                    raise SandboxError(
                        "a process in the sandbox cannot be ended",
                        hint="check the kernel's log: a disk or a driver holds it",
                    )
        self._process.kill()
        self._process.wait()
        while self._open:
            self._read(_TICK)

    def close(self) -> None:
        """Close what is open, after the end."""
        for pipe in self._pipes.all():
            os.close(pipe.descriptor)
        os.close(self._outer)
        if self._first is not None:
            os.close(self._first)

    def _printed_too_much(self) -> bool:
        return any(pipe.full for pipe in self._pipes.all())

    def _read(self, seconds: float) -> None:
        """Read what is there, or comes within so many seconds."""
        for descriptor in _ready([*self._open, self._outer], seconds):
            if descriptor == self._outer:
                continue
            pipe = self._open[descriptor]
            data = os.read(descriptor, _CHUNK)
            if not data:
                del self._open[descriptor]
            elif not pipe.full:
                pipe.data += data
        if self._first is None:
            self._first = _handle(self._status())

    def _status(self) -> Mapping[str, object]:
        """What bwrap wrote so far: one JSON object a line."""
        written: dict[str, object] = {}
        for line in bytes(self._pipes.status.data).splitlines(keepends=True):
            if line.endswith(b"\n"):
                written.update(json.loads(line))
        return written


@contextmanager
def started(
    bwrap: Sequence[str], program: Sequence[str], descriptors: Sequence[int], output: int
) -> Iterator[Process]:
    """Start bwrap with a program, and end all of it in the end.

    ``bwrap`` are its path and arguments, ``descriptors`` those that they name, ``output`` is
    how many bytes may be printed. Raises SandboxError when bwrap cannot be started.
    """
    read, write = zip(*(os.pipe() for _ in range(4)), strict=True)
    command = [*bwrap, "--json-status-fd", str(write[2]), "--", *program]
    try:
        process = subprocess.Popen(
            command,
            stdin=write[3],
            stdout=write[0],
            stderr=write[1],
            pass_fds=(*descriptors, write[2]),
            env={},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        for descriptor in read:
            os.close(descriptor)
        raise SandboxError(
            f"bwrap cannot be started ({error.strerror})", hint="check its installation"
        ) from error
    finally:
        for descriptor in write:
            os.close(descriptor)
    limits = (output, output, _STATUS, _TIMES)
    running = Process(
        process, Pipes(*(Pipe(end, limit) for end, limit in zip(read, limits, strict=True)))
    )
    try:
        yield running
    finally:
        try:
            running.end()
        finally:
            running.close()


def _handle(status: Mapping[str, object]) -> int | None:
    """A handle on the sandbox's first process, None before bwrap wrote it or when it is gone."""
    number = _number(status, "child-pid")
    if number is None:
        return None
    try:
        handle = os.pidfd_open(number)
    except ProcessLookupError:
        return None
    # The pid may be reused by now: its process must be in the sandbox's own pid namespace.
    with suppress(OSError):
        if Path(f"/proc/{number}/ns/pid").stat().st_ino == _number(status, "pid-namespace"):
            return handle
    os.close(handle)
    return None


def _number(status: Mapping[str, object], key: str) -> int | None:
    value = status.get(key)
    return value if isinstance(value, int) else None


def _ready(descriptors: Iterable[int], seconds: float) -> list[int]:
    """Those that can be read, within so many seconds."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _events in poll.poll(seconds * 1000)]
