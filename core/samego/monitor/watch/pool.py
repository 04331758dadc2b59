"""Runs of samego side by side, each a process within its share of the memory.

A run writes to a directory of its own below the pool's, temporary files included, and the
directory goes away with it. What a killed process has left there is removed by the next pool.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from samego.errors import CacheError
from samego.report.load import LIMIT
from samego.system.processes import family, memory_of
from samego.system.terminal import visible

#: The command that starts a run: its limits hold before samego is read.
PROGRAM = (
    *(sys.executable, "-I", "-m", "samego.monitor.watch.child"),
    os.pathsep.join(filter(None, sys.path)),
)
#: Seconds after which the runs are checked again.
_INTERVAL = 0.2
#: Seconds between SIGTERM and SIGKILL: a run that builds Go has gigabytes to remove, and on a busy
#: machine 10 were too few.
_GRACE = 60.0
#: How much is read of what a run says on stderr, in bytes, and shown of it, in characters.
_TAIL = 4096
_SHOWN = 500
#: How the command line begins an error's lines (samego.errors).
_ERROR, _HINT, _TRIED = "error: ", "hint: ", "tried:"
_MIB = 1 << 20

J = TypeVar("J")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What runs may take: ``jobs`` at a time, ``memory`` bytes each, ``patience`` seconds."""

    jobs: int
    memory: int
    patience: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class EndedRun(Generic[J]):
    """A run that has ended: its stdout, and why it failed (empty: it did not)."""

    job: J
    status: int
    output: bytes
    message: str


@dataclass
class _Running(Generic[J]):
    job: J
    directory: Path
    process: subprocess.Popen[bytes]
    began: float
    peak: int = 0
    #: Why the pool has ended it.
    ended: str = ""


class Pool:
    """Runs below a directory that is the pool's alone."""

    def __init__(
        self,
        directory: Path,
        limits: PoolLimits,
        environ: Mapping[str, str],
        *,
        program: tuple[str, ...] = PROGRAM,
    ) -> None:
        """Clear the directory. Raises CacheError when that is not possible.

        ``program`` is called as samego.monitor.watch.child is, behind the path of modules.
        """
        self._directory = directory
        self._limits = limits
        self._environ = environ
        self._program = program
        try:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheError(
                f"{visible(str(directory))} cannot be written ({error.strerror})",
                hint="choose another cache directory",
            ) from error

    def run(self, jobs: Iterable[tuple[J, tuple[str, ...]]]) -> Generator[EndedRun[J], None, None]:
        """Run samego with each job's arguments, and yield each run when it ends.

        Closing the iterator ends the runs that are left.
        """
        waiting = iter(jobs)
        running: list[_Running[J]] = []
        try:
            while True:
                while len(running) < self._limits.jobs:
                    job = next(waiting, None)
                    if job is None:
                        break
                    running.append(self._start(*job))
                if not running:
                    return
                for each in [each for each in running if self._has_ended(each)]:
                    running.remove(each)
                    yield self._collect(each)
                time.sleep(_INTERVAL)
        finally:
            _end_all(running)
            shutil.rmtree(self._directory, ignore_errors=True)

    def _start(self, job: J, arguments: tuple[str, ...]) -> _Running[J]:
        directory = Path(tempfile.mkdtemp(dir=self._directory))
        (directory / "tmp").mkdir()
        command = [
            *self._program,
            *(str(self._limits.memory), str(os.getpid()), *arguments),
        ]
        with (directory / "stdout").open("wb") as stdout, (directory / "stderr").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=directory,
                env={**self._environ, "TMPDIR": str(directory / "tmp")},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=log,
                start_new_session=True,
            )
        return _Running(job, directory, process, time.monotonic())

    def _has_ended(self, running: _Running[J]) -> bool:
        if running.process.poll() is not None:
            return True
        held = memory_of(family(running.process.pid))
        running.peak = max(running.peak, held)
        if held > self._limits.memory:
            running.ended = f"needs more memory than {_size(self._limits.memory)}, a run's share"
            _kill(running)
        elif time.monotonic() - running.began > self._limits.patience:
            running.ended = f"did not end within {self._limits.patience:g} seconds"
            _kill(running)
        return running.process.poll() is not None

    def _collect(self, running: _Running[J]) -> EndedRun[J]:
        status = running.process.returncode
        message = ""
        try:
            with (running.directory / "stdout").open("rb") as file:
                output = file.read(LIMIT + 1)
            # Python itself ends with 1 where samego cannot start.
            if running.ended or status not in (0, 1) or not output:
                message = self._why(running, status)
        finally:
            # What it started may still be there where it was killed from outside.
            _kill_group(running.process.pid)
            shutil.rmtree(running.directory, ignore_errors=True)
        return EndedRun(running.job, status, output, message)

    def _why(self, running: _Running[J], status: int) -> str:
        if running.ended:
            return running.ended
        with (running.directory / "stderr").open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")
        last = _last_error([line.strip() for line in lines if line.strip()])
        if status < 0:
            last = f"was ended by {_signal(-status)}"
        if 4 * running.peak > 3 * self._limits.memory:
            last += (
                f" (it held {_size(running.peak)} of the {_size(self._limits.memory)} that are"
                " a run's share)"
            )
        return visible(last or f"ended with status {status} and no message")[:_SHOWN]


def _last_error(lines: list[str]) -> str:
    """The last error that samego printed, in one line; else the last line."""
    starts = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    if not starts:
        return lines[-1] if lines else ""
    message, *rest = lines[starts[-1] :]
    tried = "; ".join(line for line in rest if not line.startswith((_HINT, _TRIED)))
    hints = [line.removeprefix(_HINT) for line in rest if line.startswith(_HINT)]
    # words: a run in a process of its own tells its error on stderr alone
    cause = message.removeprefix(_ERROR) + (f" ({tried})" if tried else "")
    return ": ".join([cause, *hints])


def _end_all(running: list[_Running[J]]) -> None:
    """Ask all to end, and kill what does not."""
    for each in running:
        with contextlib.suppress(ProcessLookupError):
            each.process.terminate()
    end = time.monotonic() + _GRACE
    for each in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            each.process.wait(max(0.0, end - time.monotonic()))
        _kill(each)


def _kill(running: _Running[J]) -> None:
    """Kill a run and everything that it has started, and take its status."""
    pid = running.process.pid
    members = family(pid) if running.process.poll() is None else []
    _kill_group(pid)
    # What made itself a group of its own; no other process can have taken these numbers yet,
    # as their parents have just been seen alive.
    for member in members[1:]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(member, signal.SIGKILL)
    running.process.wait()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _size(size: int) -> str:
    return f"{size / _MIB:,.0f} MiB"
