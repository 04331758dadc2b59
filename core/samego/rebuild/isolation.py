"""Running a build cut off from everything that is not its input.

A build gets an environment made from nothing, directories of its own, no network where
the kernel lets a user take it away, bounds on time and memory, and a process group that
ends with it. What could not be had is stated, never assumed.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samego.errors import BuildError, DiskFullError

#: Seconds a build may take, and bytes of address space one of its processes may have.
DEFAULT_TIMEOUT = 3600.0
DEFAULT_MEMORY = 16 << 30
_GRACE = 5.0
_POLL = 0.05
_TAIL_LINES = 15
_NO_SPACE = b"no space left on device"
#: What a build may see of the system: a shell and the usual tools, no Go of the user's.
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far a build was cut off, for the report."""

    network: str
    environment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A build that ended well: how it was isolated and what it cost, in seconds."""

    isolation: Isolation
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Build:
    """A command to run as a build.

    ``environment`` is all that it sees besides PATH, HOME, TMPDIR and the C locale.
    ``scratch`` is a directory of its own for HOME and TMPDIR. ``log`` gets its output.
    Setting ``stop`` from another thread ends it.
    """

    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    scratch: Path
    log: Path
    timeout: float = DEFAULT_TIMEOUT
    memory: int = DEFAULT_MEMORY
    stop: threading.Event | None = None


def run_build(build: Build) -> Built:
    """Run a build and wait for it.

    Raises BuildError with the log's last lines when it fails or takes too long, and
    DiskFullError when it ran out of disk. Its whole process group is ended in any case.
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
    prefix = _without_network()
    began = time.monotonic()
    with build.log.open("wb") as log:
        process = subprocess.Popen(
            [*prefix, *build.command],
            cwd=build.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (build.memory, build.memory))
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


@cache
def _without_network() -> tuple[str, ...]:
    """The command prefix that takes the network away, or nothing where that is refused."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    flags = ("--net",) if os.geteuid() == 0 else ("--user", "--map-current-user", "--net")
    prefix = (unshare, *flags, "--")
    probe = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if probe.returncode == 0 else ()


def _wait(process: subprocess.Popen[bytes], build: Build) -> float:
    """Wait for the end; the CPU seconds of the process and of all that it waited for."""
    deadline = time.monotonic() + build.timeout
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
        time.sleep(_POLL)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _failed(build: Build, status: int) -> BuildError | DiskFullError:
    data = build.log.read_bytes()
    if _NO_SPACE in data.lower():
        return DiskFullError(
            f"the build ran out of disk in {build.scratch.parent}",
            hint="free some gigabytes there or set SAMEGO_CACHE",
        )
    tail = " | ".join(data.decode("utf-8", "replace").strip().splitlines()[-_TAIL_LINES:])
    how = f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
    return BuildError(f"the build failed with {how} ({tail})", hint=f"see {build.log}")
