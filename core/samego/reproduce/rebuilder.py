"""Runs a distro's own rebuilder (debrebuild, archlinux-repro), and keeps its output.

Unlike a build of samego's own it runs in the caller's environment and working directory,
with the caller's rights: that is what such a tool is made for. All that it prints goes to a
file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from samego.errors import InputError, ToolError

#: Seconds that an ended tool has to unmount and remove what it set up.
_GRACE = 30.0
#: The last bytes of a log are read, and of those the last lines are shown.
_TAIL = 256 << 10
_SHOWN_LINES, _SHOWN_COLUMNS = 40, 400
#: The status of a command that a signal ended, as a shell gives it: this and its number.
_SIGNAL_BASE = 128


def prepare(directory: Path) -> Path:
    """Make the directory that a rebuild writes to; its absolute path.

    Raises InputError when something is in it already: an earlier rebuild's files must not
    be taken for this one's.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise InputError(
                f"{directory} is not empty",
                hint="name another directory with --keep, or compare its packages with --rebuilt",
            )
    except OSError as error:
        raise InputError(
            f"{directory} cannot be used ({error.strerror})", hint="name another with --keep"
        ) from error
    return directory.resolve()


def run(command: Sequence[str], log: Path) -> int:
    """Run a command to its end, with its output in ``log``; its exit status.

    Its process group is ended when samego is. Raises ToolError when it cannot be started.
    """
    with log.open("wb") as file, _started(command, file.fileno()) as process:
        return process.wait()


def run_through(command: Sequence[str]) -> int:
    """Run a command with this process's own output, and in its process group; its status.

    A signal to the group ends both. Raises ToolError when it cannot be started.
    """
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise _not_started(command, error) from error
    return done.returncode if done.returncode >= 0 else _SIGNAL_BASE - done.returncode


def tail(log: Path) -> tuple[str, ...]:
    """The last lines of a log, each cut to a length that a person reads."""
    return tuple(line[:_SHOWN_COLUMNS] for line in _last_lines(log)[-_SHOWN_LINES:])


def has_line(logs: Iterable[Path], wanted: Sequence[bytes]) -> bool:
    """Whether a log has a line that begins with one of these."""
    for log in logs:
        with log.open("rb") as file:
            if any(
                line.startswith(tuple(wanted)) for line in iter(lambda: file.readline(4096), b"")
            ):
                return True
    return False


def files_in(directory: Path) -> dict[str, Path]:
    """The regular files in a directory by name; links are left out, whatever they lead to.

    Raises InputError when it cannot be read.
    """
    try:
        return {
            entry.name: Path(entry.path)
            for entry in os.scandir(directory)
            if entry.is_file(follow_symlinks=False)
        }
    except OSError as error:
        raise InputError(
            f"{directory} cannot be read ({error.strerror})", hint="name a directory"
        ) from error


def _last_lines(log: Path) -> list[str]:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        text = file.read().decode("utf-8", "replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _not_started(command: Sequence[str], error: OSError) -> ToolError:
    return ToolError(
        f"{command[0]} cannot be started ({error.strerror})", hint="check its installation"
    )


@contextmanager
def _started(command: Sequence[str], output: int) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_started(command, error) from error
    try:
        yield process
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            # A user may not end a process that sudo started as root.
            with contextlib.suppress(
                ProcessLookupError, PermissionError, subprocess.TimeoutExpired
            ):
                os.killpg(process.pid, sign)
                process.wait(_GRACE)
