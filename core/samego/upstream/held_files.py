"""Files that several processes share: held by a lock while they are used.

Who uses a file has it open with a shared flock(2); who wants to remove it takes an
exclusive one first, and gives up when somebody holds it. Functions raise OSError.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from pathlib import Path

from samego.errors import CacheError
from samego.upstream.records import VERIFY_HINT

_CHUNK = 1 << 20


def close_all(held: dict[str, int]) -> None:
    """Close descriptors, and with them the locks that they hold."""
    while held:
        _digest, descriptor = held.popitem()
        os.close(descriptor)


def open_shared(path: Path) -> int | None:
    """Open a file with a shared lock; None when it is not there any more."""
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for its other end.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise CacheError(f"{path} is a link, not a file", hint=VERIFY_HINT) from error
        raise
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    # Who evicts locks, then unlinks: what was opened before that is gone by now.
    if os.fstat(descriptor).st_nlink == 0:
        os.close(descriptor)
        return None
    return descriptor


def remove_unheld(path: Path) -> bool:
    """Remove a file unless some process holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        path.unlink(missing_ok=True)
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def hash_file(path: Path) -> tuple[int, str]:
    """The size and sha256 of a file."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def files_in(directory: Path) -> list[Path]:
    """What lies in a directory, sorted; nothing where there is none."""
    return sorted(directory.iterdir()) if directory.is_dir() else []


def bytes_in(directory: Path) -> int:
    """How many bytes the files in a directory have."""
    return sum(path.lstat().st_size for path in files_in(directory))
