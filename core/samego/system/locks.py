"""Locks that no other user can take: on files that only their owner can open.

Every user who may read a file may lock it (flock(2)) and keep its owner waiting. So a lock is on
an empty file of mode 0600 in a directory that others cannot write to, never on the data itself.
Every wait has a deadline and ends when the run is ended.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from samego.errors import LockError, UnsafePathError
from samego.system import ending, safe_open
from samego.system.terminal import visible

#: Seconds to wait for a lock: longer than another run's longest download.
PATIENCE = 3600.0
_OTHERS = 0o077
_HINT = "check who made it; remove it when no samego is running"


def open_lock(path: Path | str, *, parent: int | None = None) -> int:
    """Open a lock's file, made where it is missing; the caller closes the descriptor.

    Raises UnsafePathError for a file of another user or one that others may open, and OSError.
    """
    descriptor = safe_open.open_file(
        path, os.O_RDWR | os.O_CREAT, parent=parent, owners=(os.geteuid(),)
    )
    if os.fstat(descriptor).st_mode & _OTHERS:
        os.close(descriptor)
        raise UnsafePathError(
            f"the lock {visible(str(path))} can be opened by other users", hint=_HINT
        )
    return descriptor


def acquire(
    descriptor: int,
    name: str,
    *,
    shared: bool = False,
    patience: float = PATIENCE,
    waiting: Callable[[], object] = lambda: None,
) -> None:
    """Take a lock, after at most ``patience`` seconds; ``waiting`` is called before a wait.

    Raises LockError when another process holds it for longer, and RunEndedError.
    """
    end = time.monotonic() + patience
    notified = False
    while not try_acquire(descriptor, shared=shared):
        if not notified:
            waiting()
            notified = True
        left = end - time.monotonic()
        if left <= 0:
            raise LockError(
                f"another samego has held {visible(name)} for more than {patience:g} s",
                hint="wait for that samego, or end it",
            )
        ending.sleep(min(left, ending.INTERVAL))


def try_acquire(descriptor: int, *, shared: bool = False) -> bool:
    """Take a lock if it is free. Raises OSError where the file system has no locks."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


@contextlib.contextmanager
def locked(
    path: Path | str,
    *,
    parent: int | None = None,
    patience: float = PATIENCE,
    waiting: Callable[[], object] = lambda: None,
) -> Iterator[None]:
    """Hold the lock of this file while the context lasts, against every other process."""
    descriptor = open_lock(path, parent=parent)
    try:
        acquire(descriptor, str(path), patience=patience, waiting=waiting)
        yield
    finally:
        os.close(descriptor)
