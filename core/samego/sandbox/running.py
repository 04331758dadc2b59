"""Runs one command in the sandbox, until it ends or reaches a limit."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from samego.errors import SandboxError
from samego.sandbox import ways
from samego.sandbox.limits import SandboxLimits
from samego.sandbox.measure import Usage
from samego.sandbox.process import Ending, SandboxOutcome, started
from samego.sandbox.ways import PLACE, SandboxWay

#: Runs the program in a directory and without stdin, and writes what CPU time it took at the
#: shell's own stdin. bwrap itself need not have the right to enter that directory.
_TIMED = (
    'cd -- "$1" || exit; shift; unset OLDPWD; "$@" </dev/null; status=$?; times >&0; exit "$status"'
)
#: times(1p): the shell's user and system time, then those of what it ran.
_TIME = re.compile(rb"(\d+)m(\d+\.\d+)s")
_TIMES = 4
_OTHERS_READ, _OTHERS_ENTER = 0o004, 0o005


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended.

    ``status`` is its exit status, 128 and the signal's number where a signal ended it.
    ``ended`` is why the sandbox ended it, None where it ended by itself. ``stdout`` and
    ``stderr`` are at most as long as the limit. ``wall`` and ``cpu`` are seconds; ``cpu`` is
    reported by the sandbox itself, so only informative, and zero where it was ended.
    """

    status: int
    ended: Ending | None
    stdout: bytes
    stderr: bytes
    wall: float
    cpu: float

    @property
    def ok(self) -> bool:
        """Whether the command ended by itself and with status 0."""
        return self.ended is None and self.status == 0


def run(
    command: Sequence[str],
    *,
    writable: Path,
    directory: str = PLACE,
    readonly: Mapping[str, Path] | None = None,
    environment: Mapping[str, str] | None = None,
    limits: SandboxLimits | None = None,
    stop: threading.Event | None = None,
) -> Finished:
    """Run a command that sees only the system's /usr and what the arguments name.

    ``writable`` is the one directory that it may write to, at /build (``PLACE``) in the
    sandbox; when root calls, all that is in it gets the sandbox's owner. ``readonly`` maps
    further places in the sandbox to files and directories; when root calls, others must be
    able to read them. ``directory`` is the working directory, as the sandbox names it.
    ``environment`` is its environment besides PATH, HOME, TMPDIR and LC_ALL. There is no
    network, and no process of the machine. Setting ``stop`` from another thread ends it.

    All of its processes are gone when this returns or raises; they also end when samego is killed.
    Raises SandboxError where no sandbox is available or could not be made for this command: then
    the command did not run.
    """
    bounds, places = limits or SandboxLimits(), readonly or {}
    way = ways.find(writable)
    if way.uid is not None:
        _hand_over(writable, way.uid)
        _check_readable(places.values())
    began = time.monotonic()
    with _accounts(way) as (accounts, descriptors):
        arguments = [
            ways.bwrap(), *way.flags(), *ways.system(), *accounts,
            *ways.memory_directories(bounds.temporary),
            "--bind", str(writable.resolve()), PLACE, *_bound(places),
            "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/",
            *ways.environment(environment or {}),
        ]  # fmt: skip
        timed = ["/bin/sh", "-c", _TIMED, "sh", directory, *command]
        program = [*way.becoming(), *_limited(bounds), *timed]
        with started(arguments, program, descriptors, bounds.output) as process:
            outcome = process.wait(bounds, Usage(writable, bounds), stop)
    return _finished(outcome, time.monotonic() - began)


def _finished(outcome: SandboxOutcome, wall: float) -> Finished:
    if outcome.ended is None and outcome.status is None:
        lines = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SandboxError(
            f"the sandbox could not be made ({lines[-1] if lines else 'bwrap says nothing'})",
            hint=ways.HINT,
        )
    status = outcome.status if outcome.status is not None else ways.KILLED
    times = read_times(outcome.times)
    cpu = sum(times) if outcome.ended is None and len(times) == _TIMES else 0.0
    return Finished(status, outcome.ended, outcome.stdout, outcome.stderr, wall, cpu)


def read_times(printed: bytes) -> Sequence[float]:
    """The seconds that times(1p) prints: the shell's user and system time, then its children's."""
    return [int(minutes) * 60 + float(rest) for minutes, rest in _TIME.findall(printed)]


def _limited(limits: SandboxLimits) -> list[str]:
    """The command before the program that bounds what each of its processes takes."""
    return [
        "/usr/bin/prlimit", f"--cpu={limits.cpu}", f"--as={limits.memory}",
        f"--fsize={limits.file}", f"--nproc={limits.processes}", f"--nofile={limits.files}",
        "--core=0", "--",
    ]  # fmt: skip


def _bound(places: Mapping[str, Path]) -> list[str]:
    arguments = []
    for place, path in places.items():
        arguments += ["--ro-bind", str(path.resolve()), place]
    return arguments


@contextmanager
def _accounts(way: SandboxWay) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """The arguments for /etc/passwd and /etc/group, and the descriptors that hold them."""
    arguments, descriptors = [], []
    try:
        for path, data in (("/etc/passwd", way.passwd()), ("/etc/group", way.group())):
            descriptor = os.memfd_create("samego")
            descriptors.append(descriptor)
            os.write(descriptor, data)
            os.lseek(descriptor, 0, os.SEEK_SET)
            arguments += ["--perms", "0444", "--ro-bind-data", str(descriptor), path]
        yield arguments, tuple(descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _hand_over(directory: Path, uid: int) -> None:
    """Give all that is in a directory to the sandbox's user."""
    os.chown(directory, uid, uid)
    pending = [os.fspath(directory)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.stat(follow_symlinks=False).st_uid != uid:
                    os.chown(entry.path, uid, uid, follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def _check_readable(paths: Iterable[Path]) -> None:
    for path in paths:
        mode = path.stat().st_mode
        wanted = _OTHERS_ENTER if path.is_dir() else _OTHERS_READ
        if mode & wanted != wanted:
            raise SandboxError(
                f"the sandbox's user cannot read {path}", hint="let others read it (chmod o+rX)"
            )
