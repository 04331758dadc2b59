"""A cache of files by digest, with small records beside them.

Below its directory::

    blobs/DIGEST        a file, named by its sha256; read-only
    blobs/DIGEST.json   its size and time when it was stored; touched at each use
    records/KIND/*.json small facts by key (samego.upstream.cache.records); never evicted
    partial/            downloads under way (samego.upstream.transport.download)
    locks/              locks, which only the cache's owner can open (samego.system.locks)
    index/              indexes of archives (samego.formats.archive.index)

Several processes may use one cache: files appear by rename, the lock of a file in use is
held, and only files that nobody holds are evicted. Directories beside these
belong to the modules that made them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from samego.errors import CacheError
from samego.system import atomic, locks
from samego.system.hashing import sha256_descriptor, size_and_sha256
from samego.upstream.cache.locked_files import (
    Held,
    bytes_in,
    close_all,
    files_in,
    lock_directory,
    open_shared,
    remove_unheld,
)
from samego.upstream.cache.records import VERIFY_HINT, Records, disk_errors

#: What the cache may hold before it evicts, in bytes.
DEFAULT_LIMIT = 10 << 30
#: Where the indexes of archives lie; derived data, evicted and cleared like files.
INDEXES = "index"

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHUNK = 1 << 20
# The lock under which files get and lose their names.
_FILES = "files"
# Evicting to somewhat below the limit keeps the next download from evicting again.
_ROOM = 0.9
# A scratch file this old (seconds) belongs to a process that was killed.
_STALE = 24 * 3600
# The signature that backup programs look for (bford.info/cachedir).
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"


@dataclass(frozen=True, slots=True)
class Stats:
    """What the cache holds: files, archives' indexes, records, unfinished downloads."""

    files: int
    file_bytes: int
    indexes: int
    index_bytes: int
    records: int
    partial_bytes: int
    limit: int


@dataclass(frozen=True, slots=True)
class Check:
    """What :meth:`Cache.verify` found.

    ``damaged`` names what was not what it should be (and was removed), ``foreign``
    what the cache did not put there (and was left).
    """

    checked: int
    checked_bytes: int
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]


class Cache(AbstractContextManager["Cache"]):
    """The cache in one directory, which is made at the first write.

    ``limit`` is in bytes. Every method raises CacheError when the directory cannot be
    read or written, and DiskFullError when there is no room left.
    """

    def __init__(self, root: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        self.root = root
        self.limit = limit
        self._blobs = root / "blobs"
        self._records = Records(root / "records")
        self._held: dict[str, Held] = {}
        self._finalizer = weakref.finalize(self, close_all, self._held)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files that this object gave out: from now on they may be evicted."""
        close_all(self._held)

    def get(self, sha256: str) -> Path | None:
        """The file with this digest, held against eviction until :meth:`close`; or None.

        It is hashed once by each object; raises CacheError when it is not the file that its
        name says.
        """
        path = self._blob(sha256)
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
        """Take a file that lies below the cache's directory and has this digest.

        The caller has hashed it. The file is renamed: it is no longer at ``path``.
        """
        blob = self._blob(sha256)
        self.directory("blobs")
        with self.lock(_FILES), disk_errors(self.root):
            if self._known(sha256):
                # Others may hold that one by its name: a new file would not be held.
                path.unlink()
            else:
                path.chmod(0o444)
                # Locked before it can be seen, so that no other process evicts it.
                held = open_shared(path, self.root, holds=blob)
                if held is None:
                    raise CacheError(f"{path} vanished", hint="run again")
                self._hold(sha256, held)
                self._write_note(sha256, os.fstat(held.file))
                path.replace(blob)
        self.evict()
        return blob

    def store(self, data: bytes) -> Path:
        """Put these bytes in; the returned file's name is their digest."""
        with self.scratch() as path:
            with disk_errors(self.root):
                path.write_bytes(data)
            return self.adopt(path, hashlib.sha256(data).hexdigest())

    def store_file(self, source: Path) -> Path:
        """Put a copy of a file in. Raises OSError when ``source`` cannot be opened."""
        digest = hashlib.sha256()
        with source.open("rb") as reader, self.scratch() as path:
            with disk_errors(self.root), path.open("wb") as writer:
                while chunk := reader.read(_CHUNK):
                    digest.update(chunk)
                    writer.write(chunk)
            return self.adopt(path, digest.hexdigest())

    def discard(self, sha256: str) -> None:
        """Remove a file that turned out not to be wanted, if it is there."""
        held = self._held.pop(sha256, None)
        if held is not None:
            held.close()
        with disk_errors(self.root):
            self._blob(sha256).unlink(missing_ok=True)
            self._note(sha256).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A new empty file below the cache's directory, removed unless it was adopted."""
        partial = self.directory("partial")
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
        self.directory("records")
        self._records.put(kind, key, value)

    def forget(self, kind: str, key: str) -> None:
        """Remove a record, if it is there."""
        self._records.forget(kind, key)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock of this name against every other process.

        It is waited for as long as :data:`samego.system.locks.PATIENCE` says.
        """
        self.directory("")
        with disk_errors(self.root):
            directory = lock_directory(self.root)
            path = directory / f"{hashlib.sha256(name.encode()).hexdigest()}.lock"
            descriptor = locks.open_lock(path)
        try:
            with disk_errors(self.root):
                locks.acquire(descriptor, f"the cache {self.root}")
            yield
        finally:
            os.close(descriptor)

    def directory(self, name: str) -> Path:
        """A directory of this name below the cache's, made if needed."""
        path = self.root / name
        with disk_errors(self.root):
            if not path.is_dir():
                path.mkdir(mode=0o755, parents=True, exist_ok=True)
                tag = self.root / "CACHEDIR.TAG"
                if not tag.exists():
                    tag.write_text(_TAG, encoding="ascii")
        return path

    def evict(self) -> int:
        """Remove the least recently used files when the limit is passed.

        Files that any process holds stay. Returns the number of bytes freed.
        """
        with disk_errors(self.root):
            found = sorted(self._evictable())
            total = sum(size for _used, size, _path in found)
            if total <= self.limit:
                return 0
        freed, goal = 0, total - int(self.limit * _ROOM)
        with self.lock(_FILES), disk_errors(self.root):
            for _used, size, path in found:
                if freed >= goal:
                    break
                if remove_unheld(path, self.root):
                    path.with_name(f"{path.name}.json").unlink(missing_ok=True)
                    freed += size
        return freed

    def verify(self) -> Check:
        """Hash everything anew; remove what is damaged, name what is foreign."""
        damaged: list[Path] = []
        foreign: list[Path] = []
        checked = checked_bytes = 0
        with disk_errors(self.root):
            for path in files_in(self._blobs):
                name = path.name.removesuffix(".json")
                if not os.path.lexists(path):
                    continue  # a note that went with its file, or another process's doing
                if not _DIGEST.fullmatch(name) or path.is_symlink() or not path.is_file():
                    foreign.append(path)
                elif path.suffix == ".json":
                    if not self._blob(name).exists():
                        path.unlink(missing_ok=True)
                else:
                    size, digest = size_and_sha256(path)
                    checked, checked_bytes = checked + 1, checked_bytes + size
                    if digest == name:
                        self._write_note(name, path.stat())
                    else:
                        damaged.append(path)
                        self.discard(name)
        damaged += self._records.remove_damaged()
        return Check(checked, checked_bytes, self._names(damaged), self._names(foreign))

    def clear(self) -> int:
        """Remove what no other process holds: files, indexes, records, unfinished downloads.

        What guards against a lying checksum database (the tree heads that were seen) stays.
        Returns the bytes freed.
        """
        self.close()
        if not self.root.is_dir():
            return 0
        freed = 0
        with self.lock(_FILES), disk_errors(self.root):
            paths = self._records.files()
            for name in ("blobs", "partial", INDEXES):
                paths += files_in(self.root / name)
            for path in paths:
                if path.is_symlink() or path.is_file():
                    size = path.lstat().st_size
                    freed += size if remove_unheld(path, self.root) else 0
        return freed

    def stats(self) -> Stats:
        """Count what is there, without reading it."""
        with disk_errors(self.root):
            blobs = [path for path in files_in(self._blobs) if _DIGEST.fullmatch(path.name)]
            return Stats(
                files=len(blobs),
                file_bytes=sum(path.lstat().st_size for path in blobs),
                indexes=len(files_in(self.root / INDEXES)),
                index_bytes=bytes_in(self.root / INDEXES),
                records=len(self._records.files()),
                partial_bytes=bytes_in(self.root / "partial"),
                limit=self.limit,
            )

    def _known(self, sha256: str) -> bool:
        """Whether an undamaged file with this digest is there; it is held then."""
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

    def _hold(self, sha256: str, held: Held) -> None:
        before = self._held.get(sha256)
        self._held[sha256] = held
        if before is not None:
            before.close()

    def _blob(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise CacheError(f"{sha256!r} is not a sha256", hint="report this as a bug")
        return self._blobs / sha256

    def _note(self, sha256: str) -> Path:
        return self._blobs / f"{sha256}.json"

    def _confirm(self, sha256: str, path: Path, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CacheError(f"{path} is no file", hint="remove it by hand")
        # Size and time are easily set to what was noted: only its bytes tell a file.
        if sha256_descriptor(descriptor) != sha256:
            raise CacheError(f"{path} is damaged: its sha256 is another", hint=VERIFY_HINT)
        # The note's own time is what eviction goes by; a reader may lack the right.
        with suppress(PermissionError, FileNotFoundError):
            os.utime(self._note(sha256))

    def _write_note(self, sha256: str, status: os.stat_result) -> None:
        note = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
        atomic.write(self._note(sha256), json.dumps(note).encode(), mode=atomic.PRIVATE)

    def _evictable(self) -> Iterator[tuple[float, int, Path]]:
        """Files that may go: time of last use, size, path. Removes stale scratch files."""
        stale = time.time() - _STALE
        kept = [self._blobs, self.root / "partial", self.root / INDEXES]
        for path in [path for directory in kept for path in files_in(directory)]:
            with suppress(FileNotFoundError):
                status = path.lstat()
                if path.suffix == ".tmp" and status.st_mtime < stale:
                    path.unlink()
                elif path.suffix in {".part", ".index"}:
                    yield status.st_mtime, status.st_size, path
                elif _DIGEST.fullmatch(path.name) and stat.S_ISREG(status.st_mode):
                    note = self._note(path.name)
                    used = note.stat().st_mtime if note.exists() else status.st_mtime
                    yield used, status.st_size, path

    def _names(self, paths: list[Path]) -> tuple[str, ...]:
        return tuple(str(path.relative_to(self.root)) for path in paths)
