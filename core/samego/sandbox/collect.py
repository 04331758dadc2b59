"""Reads what an untrusted program left in a directory: regular files only.

Links are never followed, also within a path; pipes and devices are never opened. All processes
that could change the directory have ended by then.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.errors import HostileArchiveError
from samego.system.temporary import temporary_directory

_ENTER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_HINT = "the program in the sandbox behaved like a hostile one: do not use the package"


def read_file(directory: Path, path: str, *, limit: int) -> bytes | None:
    """The bytes of the regular file at a relative path; None where there is none.

    Raises HostileArchiveError when it has more than ``limit`` bytes.
    """
    descriptor = _open_below(directory, path)
    if descriptor is None:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > limit:
            raise _too_large(path, limit)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(path, limit)
    return data


def files(directory: Path, *, entries: int) -> tuple[str, ...]:
    """The relative paths of all regular files below a directory, sorted.

    Raises HostileArchiveError when there are more than so many entries of any kind.
    """
    found = []
    pending = [""]
    count = 0
    while pending:
        below = pending.pop()
        with os.scandir(directory / below) as listed:
            for entry in listed:
                count += 1
                if count > entries:
                    raise HostileArchiveError(
                        f"the sandbox left more than {entries} files", hint=_HINT
                    )
                path = f"{below}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{path}/")
                elif entry.is_file(follow_symlinks=False):
                    found.append(path)
    return tuple(sorted(found))


@contextmanager
def scratch() -> Iterator[Path]:
    """A new directory for one run, removed with whatever is in it."""
    with temporary_directory(prefix="samego-sandbox-", remove=remove) as directory:
        yield directory


def remove(directory: Path) -> None:
    """Remove a directory that an untrusted program filled, whatever its depth and modes.

    rm and chmod do not follow links while they descend, and have no limit of depth.
    """
    command = ["rm", "-rf", "--one-file-system", "--", str(directory)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        unlock = ["chmod", "-R", "u+rwX", "--", str(directory)]
        subprocess.run(unlock, capture_output=True, check=False)
        subprocess.run(command, capture_output=True, check=False)


def _open_below(directory: Path, path: str) -> int | None:
    """A descriptor of the regular file at a relative path, with no link in the way."""
    *parents, name = path.split("/")
    if not name or any(part in ("", ".", "..") for part in (*parents, name)):
        return None
    try:
        at = os.open(directory, _ENTER)
    except OSError:
        return None
    try:
        for part in parents:
            below = os.open(part, _ENTER, dir_fd=at)
            os.close(at)
            at = below
        descriptor = os.open(name, _OPEN, dir_fd=at)
    except OSError:
        return None
    finally:
        os.close(at)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _too_large(path: str, limit: int) -> HostileArchiveError:
    return HostileArchiveError(f"{path} has more than {limit} bytes", hint=_HINT)
