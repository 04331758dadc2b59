"""Writes files and directories atomically: others see all of it or none of it.

The bytes go to a new file in the same directory, which then takes the name. A run that ends
before that removes the new file; one that is killed leaves ``.samego-*.part``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

#: The mode of a new file, less the umask.
_ORDINARY = 0o666
#: The mode of a file that only its owner reads.
PRIVATE = 0o600
_PART = (".samego-", ".part")


@contextmanager
def replacing(
    path: Path, *, mode: int = _ORDINARY, sync: bool = False, directory: Path | None = None
) -> Iterator[BinaryIO]:
    """A new file to write, which replaces ``path`` when the block ends without an exception.

    ``sync`` flushes the bytes to the disk before the rename: for data that cannot be made again.
    ``directory`` is where the new file is made, on the same file system (default: beside
    ``path``). Raises OSError, and then leaves what was there as it was.
    """
    part = (directory or path.parent) / unfinished_name()
    try:
        with os.fdopen(_new(part, mode), "wb") as file:
            yield file
            _finish(file, sync=sync)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write(path: Path, data: bytes, *, mode: int = _ORDINARY, sync: bool = False) -> None:
    """Write these bytes, as :func:`replacing` does."""
    with replacing(path, mode=mode, sync=sync) as file:
        file.write(data)


def create(name: str, data: bytes, *, directory: int, mode: int = _ORDINARY) -> bool:
    """Write a file that is not there yet into an open directory; False where there is one.

    An existing file or link of that name is not touched. Raises OSError.
    """
    part = unfinished_name()
    with os.fdopen(_new(part, mode, directory), "wb") as file:
        try:
            file.write(data)
            _finish(file, sync=True)
            _take(part, name, directory)
        except FileExistsError:
            return False
        finally:
            with contextlib.suppress(OSError):
                os.unlink(part, dir_fd=directory)
    return True


def unfinished_name() -> str:
    """A name that no other run gives to a file that it is writing."""
    return f"{_PART[0]}{secrets.token_hex(8)}{_PART[1]}"


def unfinished_in(directory: Path) -> Iterator[Path]:
    """The files that killed runs left in a directory; none where the directory is missing."""
    return iter(directory.glob("*".join(_PART)))


def is_unfinished(name: str) -> bool:
    """Whether a file's name is that of a killed run's unfinished file."""
    return name.startswith(_PART[0]) and name.endswith(_PART[1])


def _take(part: str, name: str, directory: int) -> None:
    """Give a file a name that no other has. Raises FileExistsError."""
    try:
        os.link(part, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: a file that appears between the two calls is replaced.
        if name in os.listdir(directory):
            raise FileExistsError(name) from None
        os.rename(part, name, src_dir_fd=directory, dst_dir_fd=directory)


def _new(part: Path | str, mode: int, directory: int | None = None) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return os.open(part, flags, mode, dir_fd=directory)


def _finish(file: BinaryIO, *, sync: bool) -> None:
    file.flush()
    if sync:
        os.fsync(file.fileno())


def copy(source: Path, path: Path) -> None:
    """Copy a file, as :func:`replacing` writes one."""
    with source.open("rb") as file, replacing(path) as new:
        shutil.copyfileobj(file, new, 1 << 20)


def place_directory(made: Path, place: Path) -> None:
    """Give a finished directory its name, unless another process has put one there meanwhile.

    Both are on one file system. Raises OSError.
    """
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise
