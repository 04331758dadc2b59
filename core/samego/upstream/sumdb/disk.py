"""Small files of the checksum database's cache: read bounded, written atomically."""

from __future__ import annotations

import errno
from pathlib import Path

from samego.errors import CacheError, DiskFullError
from samego.system import atomic

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def read_small(path: Path, limit: int) -> bytes | None:
    """The file's bytes, or None when there is no such file or it is longer than ``limit``.

    Raises CacheError when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _cannot("read", path, error) from error
    return data if len(data) <= limit else None


def write_small(path: Path, data: bytes) -> None:
    """Write the file so that other processes see all of it or none.

    Raises DiskFullError, or CacheError when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> CacheError | DiskFullError:
    """The error for a cache file that cannot be written."""
    if error.errno in _FULL:
        return DiskFullError(f"no room left to write {path}", hint="free space on that disk")
    return _cannot("written", path, error)


def _cannot(what: str, path: Path, error: OSError) -> CacheError:
    return CacheError(
        f"{path} cannot be {what} ({error.strerror})",
        hint="check the cache directory's permissions",
    )
