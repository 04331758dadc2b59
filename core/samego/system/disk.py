"""Bounds on the disk space of what plugins and builds keep in the cache.

Beside the downloads (samego.upstream.cache.blobs) the cache has directories of larger things:
packages, unpacked toolchains, reference builds, build caches. Each is bounded by itself; the
least recently used items are removed first, and none that was used within the last hour:
another process may be using it.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

#: The default limit of one kind of thing, in bytes.
LIMIT = 10 << 30
_HOUR = 3600.0


def used(item: Path) -> None:
    """Note that an item of a bounded directory is in use."""
    with suppress(OSError):
        os.utime(item)


def trim(directory: Path, limit: int = LIMIT, *, depth: int = 1) -> int:
    """Remove the least recently used items of a directory until it is within ``limit`` bytes.

    The items are the files and directories ``depth`` levels below it. Returns the number of bytes
    freed. An item that cannot be removed stays.
    """
    now = time.time()
    items = []
    for item in _at_depth(directory, depth):
        with suppress(OSError):
            items.append((item.stat().st_mtime, size_of(item), item))
    total = sum(size for _when, size, _item in items)
    freed = 0
    for when, size, item in sorted(items):
        if total - freed <= limit or now - when < _HOUR:
            break
        remove(item)
        freed += size
    return freed


def remove(item: Path) -> None:
    """Remove a file or a directory with all that is in it."""
    if item.is_dir() and not item.is_symlink():
        shutil.rmtree(item, ignore_errors=True)
    else:
        with suppress(OSError):
            item.unlink()


def size_of(item: Path) -> int:
    """The bytes in a file, or in all files below a directory."""
    if item.is_symlink() or not item.is_dir():
        with suppress(OSError):
            return item.lstat().st_size
        return 0
    return sum(size_of(child) for child in _children(item))


def _at_depth(directory: Path, depth: int) -> list[Path]:
    found = _children(directory)
    for _ in range(depth - 1):
        found = [child for item in found if not item.is_symlink() for child in _children(item)]
    return found


def _children(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []
