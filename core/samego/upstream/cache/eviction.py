"""Keeps a cache below its limit: the least recently used files are removed first."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from samego.upstream.cache import shelf
from samego.upstream.cache.locked_files import files_in, remove_unheld
from samego.upstream.cache.records import disk_errors

#: Evict to somewhat below the limit, so that the next download does not evict again.
_ROOM = 0.9
#: A scratch file this old (seconds) belongs to a process that was killed.
_STALE = 24 * 3600


def evict(root: Path, limit: int) -> int:
    """Remove the least recently used files of a cache that holds more than ``limit`` bytes.

    Files that any process holds stay. Returns the number of bytes freed. Raises CacheError
    when the directory cannot be read or written.
    """
    with disk_errors(root):
        found = sorted(_evictable(root))
        total = sum(size for _used, size, _path in found)
        if total <= limit:
            return 0
    freed, goal = 0, total - int(limit * _ROOM)
    with shelf.locked(root, shelf.FILES_LOCK), disk_errors(root):
        for _used, size, path in found:
            if freed >= goal:
                break
            if remove_unheld(path, root):
                shelf.note(path).unlink(missing_ok=True)
                freed += size
    return freed


def _evictable(root: Path) -> Iterator[tuple[float, int, Path]]:
    """Files that may be evicted: time of last use, size, path. Removes stale scratch files."""
    stale = time.time() - _STALE
    kept = [root / name for name in (shelf.BLOBS, shelf.PARTIAL, shelf.INDEXES)]
    for path in [path for directory in kept for path in files_in(directory)]:
        with suppress(FileNotFoundError):
            status = path.lstat()
            if path.suffix == ".tmp" and status.st_mtime < stale:
                path.unlink()
            elif path.suffix in {".part", ".index"}:
                yield status.st_mtime, status.st_size, path
            elif shelf.DIGEST.fullmatch(path.name) and stat.S_ISREG(status.st_mode):
                note = shelf.note(path)
                used = note.stat().st_mtime if note.exists() else status.st_mtime
                yield used, status.st_size, path
