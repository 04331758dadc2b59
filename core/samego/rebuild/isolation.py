"""Running a build cut off from everything that is not its input.

A build gets an environment made from nothing, directories of its own, bounds on time and
memory, and no network where the kernel lets a user take it away. All of its processes end
with it, and with samego, even where samego is killed: they are one process group, which a
watcher ends when the pipe from samego breaks, and where the kernel allows it they have a
process number space of their own, out of which nothing gets. What could not be had is stated,
never assumed.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from samego.errors import BuildError, DiskFullError
from samego.rebuild.box import Box
from samego.system.disk import size_of

#: Seconds a build may take, and bytes of address space one of its processes may have.
DEFAULT_TIMEOUT = 3600.0
DEFAULT_MEMORY = 16 << 30
#: Seconds: how long ended processes may take to go, and how often that is checked.
_GRACE = 5.0
_POLL, _ROOM_POLL = 0.05, 0.5
_TAIL_LINES = 15
_NO_SPACE = b"no space left on device"
#: Bytes kept free for the log: what a build says of a full disk must find room there. And
#: how few may be left when it fails for the full disk to be the cause, named or not.
_LOG_ROOM, _NO_ROOM = 1 << 18, 1 << 20
#: What a build may see of the system: a shell and the usual tools, no Go of the user's.
_PATH = "/usr/local/bin:/usr/bin:/bin"
#: Tells the watcher its number, sets the limit, and becomes the build. Done from outside, both
#: could come too late.
_START = 'echo "$$" >&0 && ulimit -v "$1" && shift && exec "$@" </dev/null'
#: Reads a process group's number, and ends it when stdin does: when samego is gone.
_WATCHER = 'read -r group || exit; read -r _; kill -s KILL -- "-$group"'
_NET, _PROCESSES = ("--net",), ("--pid", "--kill-child")
#: Shows the build its own processes: bwrap looks its child up in /proc. Containers refuse it that
#: hide parts of theirs, and so do roots that are no mount point.
_OWN_PROC = ("--mount-proc",)


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far a build was cut off, for the report."""

    network: str
    environment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A successful build: how it was isolated, and its times in seconds."""

    isolation: Isolation
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class IsolatedBuild:
    """A command to run as a build.

    ``environment`` is all that it sees besides PATH, HOME, TMPDIR and the C locale.
    ``scratch`` is a directory of its own for HOME and TMPDIR. ``log`` gets its output.
    ``timeout`` is in seconds, ``memory`` in bytes for each process; ``room`` is how many
    bytes ``scratch`` may come to hold. Setting ``stop`` from another thread ends it. With a
    ``box``, which ``scratch`` is then, it runs in the sandbox, with that one's limits.
    """

    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    scratch: Path
    log: Path
    timeout: float = DEFAULT_TIMEOUT
    memory: int = DEFAULT_MEMORY
    room: int | None = None
    stop: threading.Event | None = None
    box: Box | None = None


def run_build(build: IsolatedBuild) -> Built:
    """Run a build and wait for it.

    Raises BuildError with the log's last lines when it fails or takes too long or too much,
    and DiskFullError when it ran out of disk. All of its processes are ended in any case.
    """
    home, temporary = build.scratch / "home", build.scratch / "tmp"
    for directory in (home, temporary):
        directory.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": _PATH,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LC_ALL": "C",
        **build.environment,
    }
    if build.box is not None:
        return _run_boxed(build, build.box, environment)
    prefix = _namespaces()
    began = time.monotonic()
    with _open_log(build) as log, _watcher() as watcher:
        process = subprocess.Popen(
            ["sh", "-c", _START, "sh", _kibibytes(build.memory), *prefix, *build.command],
            cwd=build.directory,
            env=environment,
            stdin=watcher,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            cpu = _wait(process, build)
        finally:
            _end_group(process)
    if process.returncode != 0:
        raise _failed(build, process.returncode)
    isolation = Isolation(
        "none (own network namespace)" if prefix else "not taken away (the kernel refuses)",
        tuple(sorted(environment)),
    )
    return Built(isolation, time.monotonic() - began, cpu)


def _run_boxed(build: IsolatedBuild, box: Box, environment: Mapping[str, str]) -> Built:
    """Run a build in the sandbox."""
    finished = box.run(build.command, build.directory, environment)
    build.log.write_bytes(finished.stdout + finished.stderr)
    if finished.ended is not None:
        raise BuildError(
            f"the build was ended in the sandbox: {finished.ended.value}", hint=f"see {build.log}"
        )
    if not finished.ok:
        raise _failed(build, finished.status)
    isolation = Isolation("none (bubblewrap)", tuple(sorted(environment)))
    return Built(isolation, finished.wall, finished.cpu)


@cache
def _namespaces() -> tuple[str, ...]:
    """The command prefix that takes the network away, or nothing where that is refused.

    Where it is possible it gives the build process numbers of its own as well.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    user = () if os.geteuid() == 0 else ("--user", "--map-current-user")
    for flags in ((*_NET, *_PROCESSES, *_OWN_PROC), (*_NET, *_PROCESSES), _NET):
        prefix = (unshare, *user, *flags, "--")
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    return ()


@contextmanager
def _open_log(build: IsolatedBuild) -> Iterator[IO[bytes]]:
    """The log, with room for some lines even when the build fills the disk."""
    with build.log.open("wb") as log:
        try:
            os.posix_fallocate(log.fileno(), 0, _LOG_ROOM)
        except OSError as error:
            raise _disk_full(build) from error
        try:
            yield log
        finally:
            os.ftruncate(log.fileno(), os.lseek(log.fileno(), 0, os.SEEK_CUR))


def _kibibytes(memory: int) -> str:
    """The limit as ulimit takes it, and no more than this process may give."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    return str((memory if hard == resource.RLIM_INFINITY else min(memory, hard)) // 1024)


def _wait(process: subprocess.Popen[bytes], build: IsolatedBuild) -> float:
    """Wait for the end; the CPU seconds of the process and of all that it waited for."""
    deadline = time.monotonic() + build.timeout
    measured = time.monotonic()
    while True:
        # Unlike Popen.wait this tells the times of this one child: others may run beside it.
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if build.stop is not None and build.stop.is_set():
            raise BuildError("the build was ended", hint="start it again")
        if time.monotonic() > deadline:
            raise BuildError(
                f"the build took more than {build.timeout:.0f} s and was ended",
                hint=f"see {build.log}",
            )
        if build.room is not None and time.monotonic() - measured > _ROOM_POLL:
            measured = time.monotonic()
            if size_of(build.scratch) > build.room:
                raise BuildError(
                    f"it wrote more than {build.room} bytes and was ended", hint=f"see {build.log}"
                )
        time.sleep(_POLL)


@contextmanager
def _watcher() -> Iterator[IO[bytes]]:
    """A pipe to a watcher, which ends the process group that it reads when this process ends."""
    watcher = subprocess.Popen(
        ["sh", "-c", _WATCHER],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a signal to samego's own process group must not kill it as well
    )
    assert watcher.stdin is not None  # noqa: S101 - it was asked for
    with watcher.stdin as pipe:
        try:
            yield pipe
        finally:
            watcher.kill()
            watcher.wait()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process group, and wait for its processes to go.

    There is no gentler way first: all that they could tidy up is in their scratch directory.
    """
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(_POLL)


def _failed(build: IsolatedBuild, status: int) -> BuildError | DiskFullError:
    data = build.log.read_bytes()
    if _NO_SPACE in data.lower() or shutil.disk_usage(build.scratch).free < _NO_ROOM:
        return _disk_full(build)
    tail = " | ".join(data.decode("utf-8", "replace").strip().splitlines()[-_TAIL_LINES:])
    how = f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
    return BuildError(f"the build failed with {how} ({tail})", hint=f"see {build.log}")


def _disk_full(build: IsolatedBuild) -> DiskFullError:
    return DiskFullError(
        f"the build ran out of disk in {build.scratch.parent}",
        hint="free some gigabytes there or set SAMEGO_CACHE",
    )
