"""The layout of a cache's directory, and the locks that several processes share.

::

    blobs/DIGEST        a file, named by its sha256; read-only
    blobs/DIGEST.json   its size and time when it was stored; touched at each use
    records/KIND/*.json small facts by key (samego.upstream.cache.records); never evicted
    partial/            downloads under way (samego.upstream.transport.download)
    locks/              locks, which only the cache's owner can open (samego.system.locks)
    index/              indexes of archives (samego.formats.archive.index)

Directories beside these belong to the modules that made them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.errors import CacheError
from samego.system import locks
from samego.upstream.cache.locked_files import lock_directory
from samego.upstream.cache.records import disk_errors

BLOBS, RECORDS, PARTIAL = "blobs", "records", "partial"
#: The indexes of archives: derived data, evicted and cleared like files.
INDEXES = "index"
#: The lock under which files get and lose their names.
FILES_LOCK = "files"
#: A sha256 in lower-case hex.
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: The signature that backup programs look for (bford.info/cachedir).
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"


def blob(root: Path, sha256: str) -> Path:
    """The path of the file with this digest. Raises CacheError for an invalid digest."""
    if not DIGEST.fullmatch(sha256):
        raise CacheError(f"{sha256!r} is not a sha256", hint="report this as a bug")
    return root / BLOBS / sha256


def note(path: Path) -> Path:
    """The note beside a file: its own time is that of the file's last use."""
    return path.with_name(f"{path.name}.json")


def make_directory(root: Path, name: str) -> Path:
    """A directory of this name below the cache's, made if needed."""
    path = root / name
    with disk_errors(root):
        if not path.is_dir():
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
            tag = root / "CACHEDIR.TAG"
            if not tag.exists():
                tag.write_text(_TAG, encoding="ascii")
    return path


@contextmanager
def locked(root: Path, name: str) -> Iterator[None]:
    """Hold a lock of the cache against every other process.

    Waits for at most :data:`samego.system.locks.PATIENCE` seconds.
    """
    make_directory(root, "")
    with disk_errors(root):
        path = lock_directory(root) / f"{hashlib.sha256(name.encode()).hexdigest()}.lock"
        descriptor = locks.open_lock(path)
    try:
        with disk_errors(root):
            locks.acquire(descriptor, f"the cache {root}")
        yield
    finally:
        os.close(descriptor)
