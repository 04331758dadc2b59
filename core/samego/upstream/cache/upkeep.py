"""Maintains a cache: counts, verifies and removes its content.

Functions raise CacheError when the directory cannot be read or written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from samego.system.hashing import size_and_sha256
from samego.upstream.cache import shelf
from samego.upstream.cache.blobs import Cache
from samego.upstream.cache.locked_files import bytes_in, files_in, remove_unheld
from samego.upstream.cache.records import Records, disk_errors


@dataclass(frozen=True, slots=True)
class Stats:
    """What a cache holds: files, archives' indexes, records, unfinished downloads."""

    files: int
    file_bytes: int
    indexes: int
    index_bytes: int
    records: int
    partial_bytes: int
    limit: int


@dataclass(frozen=True, slots=True)
class Check:
    """What :func:`verify` found.

    ``damaged`` names damaged files (which were removed), ``foreign`` files that the cache did not
    make (which were left).
    """

    checked: int
    checked_bytes: int
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]


def stats(cache: Cache) -> Stats:
    """Count the content, without reading it."""
    root = cache.root
    with disk_errors(root):
        blobs = [path for path in files_in(root / shelf.BLOBS) if _is_named_by_digest(path)]
        return Stats(
            files=len(blobs),
            file_bytes=sum(path.lstat().st_size for path in blobs),
            indexes=len(files_in(root / shelf.INDEXES)),
            index_bytes=bytes_in(root / shelf.INDEXES),
            records=len(_records(root).files()),
            partial_bytes=bytes_in(root / shelf.PARTIAL),
            limit=cache.limit,
        )


def verify(cache: Cache) -> Check:
    """Hash everything again; remove damaged files, name foreign ones."""
    damaged: list[Path] = []
    foreign: list[Path] = []
    checked = checked_bytes = 0
    with disk_errors(cache.root):
        for path in files_in(cache.root / shelf.BLOBS):
            name = path.name.removesuffix(".json")
            if not os.path.lexists(path):
                continue  # a note that was removed with its file, or by another process
            if not shelf.DIGEST.fullmatch(name) or path.is_symlink() or not path.is_file():
                foreign.append(path)
            elif path.suffix == ".json":
                if not path.with_name(name).exists():
                    path.unlink(missing_ok=True)
            else:
                size, digest = size_and_sha256(path)
                checked, checked_bytes = checked + 1, checked_bytes + size
                if digest == name:
                    cache.write_note(name, path.stat())
                else:
                    damaged.append(path)
                    cache.discard(name)
    damaged += _records(cache.root).remove_damaged()
    return Check(checked, checked_bytes, _names(damaged, cache.root), _names(foreign, cache.root))


def clear(cache: Cache) -> int:
    """Remove what no process holds: files, indexes, records, unfinished downloads.

    What guards against a lying checksum database (the tree heads that were seen) stays.
    Returns the bytes freed. ``cache`` releases the files that it returned.
    """
    cache.close()
    root = cache.root
    if not root.is_dir():
        return 0
    freed = 0
    with shelf.locked(root, shelf.FILES_LOCK), disk_errors(root):
        paths = _records(root).files()
        for name in (shelf.BLOBS, shelf.PARTIAL, shelf.INDEXES):
            paths += files_in(root / name)
        for path in paths:
            if path.is_symlink() or path.is_file():
                size = path.lstat().st_size
                freed += size if remove_unheld(path, root) else 0
    return freed


def _records(root: Path) -> Records:
    return Records(root / shelf.RECORDS)


def _is_named_by_digest(path: Path) -> bool:
    return shelf.DIGEST.fullmatch(path.name) is not None


def _names(paths: list[Path], root: Path) -> tuple[str, ...]:
    return tuple(str(path.relative_to(root)) for path in paths)
