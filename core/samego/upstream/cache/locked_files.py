"""Files that several processes share, locked while they are in use.

A process that uses a file holds the lock beside it (``locks/NAME.held``) shared; one that removes
it first takes that lock exclusively, and gives up when it is held. The lock is not on the file
itself, because every user who may read that could lock it and keep its owner waiting. A user who
reads another user's cache cannot hold its files: they may disappear meanwhile. Functions raise
OSError.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samego.errors import CacheError, UnsafePathError
from samego.system import locks, safe_open
from samego.upstream.cache.records import VERIFY_HINT

#: Below a cache: where its locks lie.
LOCKS = "locks"
#: Seconds to wait for a file's lock: a process that has it exclusively is removing the file.
_PATIENCE = 60.0
_NOT_OURS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True)
class LockedFile:
    """An open file, and the lock that protects it (None in another user's cache)."""

    file: int
    lock: int | None

    def close(self) -> None:
        """Close both."""
        os.close(self.file)
        if self.lock is not None:
            os.close(self.lock)


def close_all(held: dict[str, LockedFile]) -> None:
    """Close files, and with them the locks."""
    while held:
        _digest, item = held.popitem()
        item.close()


def lock_directory(root: Path) -> Path:
    """The directory of a cache's locks, made where it is missing.

    Raises CacheError where another user can write to it, and OSError.
    """
    directory = root / LOCKS
    if not directory.is_dir():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (root, directory):
        status = path.stat()
        if status.st_mode & stat.S_IWOTH:
            raise CacheError(
                f"every user of this machine may write to {path}",
                hint="run 'chmod o-w' on it, after 'samego cache clear' if others could have",
            )
        if not safe_open.trusted(status.st_uid):
            raise CacheError(
                f"the cache {root} belongs to {safe_open.owner(status.st_uid)}",
                hint="name one of your own with --cache or SAMEGO_CACHE",
            )
    if directory.stat().st_uid != os.geteuid():
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))
    return directory


def open_shared(path: Path, root: Path, *, holds: Path | None = None) -> LockedFile | None:
    """Open a file of the cache at ``root``, and hold it; None when it no longer exists.

    ``holds`` is the path to hold instead of this one (which will be renamed).
    """
    lock = _hold(holds or path, root)
    try:
        return LockedFile(safe_open.open_file(path), lock)
    except FileNotFoundError:
        _let_go(lock)
        return None
    except UnsafePathError as error:
        _let_go(lock)
        raise CacheError(f"{path} is a link, or no file", hint=VERIFY_HINT) from error
    except BaseException:
        _let_go(lock)
        raise


@contextlib.contextmanager
def held(path: Path, root: Path) -> Iterator[None]:
    """Hold a file that does not exist yet, while the context lasts."""
    lock = _hold(path, root)
    try:
        yield
    finally:
        _let_go(lock)


def _hold(path: Path, root: Path) -> int | None:
    try:
        name = lock_directory(root) / f"{path.name}.held"
        while True:
            lock = locks.open_lock(name)
            try:
                locks.acquire(lock, str(name), shared=True, patience=_PATIENCE)
                if os.fstat(lock).st_nlink:
                    return lock
            except BaseException:
                os.close(lock)
                raise
            os.close(lock)  # the process that removed the file also removed its lock
    except OSError as error:
        if error.errno in _NOT_OURS:
            return None
        raise


def _let_go(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def remove_unheld(path: Path, root: Path) -> bool:
    """Remove a file of the cache at ``root`` unless some process holds it."""
    name = lock_directory(root) / f"{path.name}.held"
    lock = locks.open_lock(name)
    try:
        if not locks.try_acquire(lock) or not os.fstat(lock).st_nlink:
            return False
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            return True
        return False
    finally:
        # While the lock is held, no process can hold a file that is about to be removed.
        if locks.try_acquire(lock):
            name.unlink(missing_ok=True)
        os.close(lock)


def files_in(directory: Path) -> list[Path]:
    """The entries of a directory, sorted; none where it does not exist."""
    return sorted(directory.iterdir()) if directory.is_dir() else []


def bytes_in(directory: Path) -> int:
    """The size of all files in a directory, in bytes."""
    return sum(path.lstat().st_size for path in files_in(directory))
