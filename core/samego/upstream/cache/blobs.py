"""A cache of files by digest, with small records beside them.

Several processes may use one cache: files appear by rename, a file in use is locked, and only
unlocked files are evicted. The layout of the directory:
:mod:`samego.upstream.cache.shelf`.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from samego.errors import CacheError
from samego.system import atomic
from samego.system.closing import Closing
from samego.system.hashing import sha256_descriptor
from samego.upstream.cache import shelf
from samego.upstream.cache.eviction import evict
from samego.upstream.cache.locked_files import LockedFile, close_all, open_shared
from samego.upstream.cache.records import VERIFY_HINT, Records, disk_errors

#: What the cache may hold before it evicts, in bytes.
DEFAULT_LIMIT = 10 << 30


class Cache(Closing):
    """The cache in one directory, which is made at the first write.

    ``limit`` is in bytes. Every method raises CacheError when the directory cannot be
    read or written, and DiskFullError when there is no room left.
    """

    def __init__(self, root: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        self.root = root
        self.limit = limit
        self._records = Records(root / shelf.RECORDS)
        self._held: dict[str, LockedFile] = {}
        self._finalizer = weakref.finalize(self, close_all, self._held)

    def close(self) -> None:
        """Release the files that this object returned: from now on they may be evicted."""
        close_all(self._held)

    def get(self, sha256: str) -> Path | None:
        """The file with this digest, protected from eviction until :meth:`close`; or None.

        Each object hashes it once; raises CacheError when its bytes do not match its name.
        """
        path = shelf.blob(self.root, sha256)
        if self._holds(sha256, path):
            return path
        with disk_errors(self.root):
            held = open_shared(path, self.root)
            if held is None:
                return None
            try:
                self._confirm(sha256, path, held.file)
            except BaseException:
                held.close()
                raise
        self._hold(sha256, held)
        return path

    def adopt(self, path: Path, sha256: str) -> Path:
        """Take over a file below the cache's directory that has this digest.

        The caller has hashed it. The file is renamed: it is no longer at ``path``.
        """
        blob = shelf.blob(self.root, sha256)
        self.directory(shelf.BLOBS)
        with self.lock(shelf.FILES_LOCK), disk_errors(self.root):
            if self._known(sha256):
                # Other processes may hold the existing file by its name: they would not hold a new
                # one.
                path.unlink()
            else:
                path.chmod(0o444)
                # Locked before it can be seen, so that no other process evicts it.
                held = open_shared(path, self.root, holds=blob)
                if held is None:
                    raise CacheError(f"{path} vanished", hint="run again")
                self._hold(sha256, held)
                self.write_note(sha256, os.fstat(held.file))
                path.replace(blob)
        evict(self.root, self.limit)
        return blob

    def store(self, data: bytes) -> Path:
        """Put these bytes in; the returned file's name is their digest."""
        with self.scratch() as path:
            with disk_errors(self.root):
                path.write_bytes(data)
            return self.adopt(path, hashlib.sha256(data).hexdigest())

    def discard(self, sha256: str) -> None:
        """Remove a file that is not needed, if it exists."""
        held = self._held.pop(sha256, None)
        if held is not None:
            held.close()
        with disk_errors(self.root):
            shelf.blob(self.root, sha256).unlink(missing_ok=True)
            shelf.note(shelf.blob(self.root, sha256)).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A new empty file below the cache's directory, removed unless it was adopted."""
        partial = self.directory(shelf.PARTIAL)
        with disk_errors(self.root):
            descriptor, name = tempfile.mkstemp(dir=partial, suffix=".tmp")
            os.close(descriptor)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def record(self, kind: str, key: str) -> Mapping[str, object] | None:
        """The record of this kind and key, or None. Raises CacheError for a damaged one."""
        return self._records.get(kind, key)

    def remember(self, kind: str, key: str, value: Mapping[str, object]) -> None:
        """Write a record: small, JSON, never evicted. The last writer wins."""
        self.directory(shelf.RECORDS)
        self._records.put(kind, key, value)

    def forget(self, kind: str, key: str) -> None:
        """Remove a record, if it is there."""
        self._records.forget(kind, key)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock of this name against every other process (see :func:`shelf.locked`)."""
        return shelf.locked(self.root, name)

    def directory(self, name: str) -> Path:
        """A directory of this name below the cache's, made if needed."""
        return shelf.make_directory(self.root, name)

    def write_note(self, sha256: str, status: os.stat_result) -> None:
        """Note a file's size and time, and that it is used now."""
        data = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
        path = shelf.note(shelf.blob(self.root, sha256))
        atomic.write(path, json.dumps(data).encode(), mode=atomic.PRIVATE)

    def _known(self, sha256: str) -> bool:
        """Whether an undamaged file with this digest exists; it is held then."""
        try:
            return self.get(sha256) is not None
        except CacheError:
            return False

    def _holds(self, sha256: str, path: Path) -> bool:
        """Whether the file that is held is still the one of that name."""
        held = self._held.get(sha256)
        if held is None:
            return False
        try:
            return os.path.samestat(os.fstat(held.file), path.lstat())
        except OSError:
            return False

    def _hold(self, sha256: str, held: LockedFile) -> None:
        before = self._held.get(sha256)
        self._held[sha256] = held
        if before is not None:
            before.close()

    def _confirm(self, sha256: str, path: Path, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CacheError(f"{path} is not a file", hint="remove it by hand")
        # Size and time are easily forged: only its bytes identify a file.
        if sha256_descriptor(descriptor) != sha256:
            raise CacheError(f"{path} is damaged: its sha256 differs", hint=VERIFY_HINT)
        # Eviction uses the note's own time; a reader may lack the right to set it.
        with suppress(PermissionError, FileNotFoundError):
            os.utime(shelf.note(shelf.blob(self.root, sha256)))
