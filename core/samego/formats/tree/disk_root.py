"""A directory of this machine as a root that no name in it leads out of.

A path is walked one name at a time from a directory that is open already (openat(2) with
O_NOFOLLOW), and a link is read and walked in the same way: what openat2(2) does with
RESOLVE_IN_ROOT, which Python does not offer. Whoever changes the tree meanwhile can change what is
read, but cannot have a file outside it read.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import threading
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import hostile, too_large
from samego.formats.tree.attributes import attributes, attributes_of_link
from samego.formats.tree.open_path import PASS, OpenPath
from samego.formats.tree.root import MOST_LINKS, PathStatus, shown
from samego.model.tree import Entry, Kind
from samego.system.safe_open import read_link

#: A pipe is opened without its other end; a terminal does not become ours.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
#: How many directories stay open: files are asked for directory by directory.
_MOST_OPEN = 32


class DiskRoot:
    """A directory as a root (samego.formats.tree.root.Root). ``name`` is its path for messages.

    An open directory may be given; its descriptor stays the caller's.
    Raises OSError when it cannot be opened. Safe for threads.
    """

    def __init__(self, directory: Path | int, *, name: str = "") -> None:
        self.name = name or str(directory)
        if isinstance(directory, int):
            self._root = os.dup(directory)
        else:
            self._root = os.open(directory, PASS & ~os.O_NOFOLLOW)
        self._open: OrderedDict[str, int] = OrderedDict()
        #: Held while a directory among them is in use: another thread would close it.
        self._lock = threading.RLock()
        weakref.finalize(self, _close, self._root, self._open)

    def below(self, path: str) -> DiskRoot:
        """A directory of this root as a root of its own. Raises OSError where there is none."""
        with self._lock:
            return DiskRoot(self._directory_at(path), name=shown(self, path))

    def lstat(self, path: str) -> PathStatus | None:
        """What lies there (see Root)."""
        try:
            with self._lock:
                parent, name = self._parent(path)
                status = os.stat(name, dir_fd=parent, follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    return PathStatus(Kind.LINK, 0, os.readlink(name, dir_fd=parent))
        except OSError as error:
            if error.errno in _NOWHERE:
                return None
            raise
        if stat.S_ISREG(status.st_mode):
            return PathStatus(Kind.FILE, status.st_size, mtime=int(status.st_mtime))
        return PathStatus(Kind.DIRECTORY if stat.S_ISDIR(status.st_mode) else None)

    def take(self, path: str, limits: ArchiveLimits) -> Entry:
        """What lies there, read (see Root)."""
        with self._lock:
            parent, name = self._parent(path)
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                return self._file(path, parent, name, limits)
            if stat.S_ISDIR(status.st_mode):
                return _directory(path, parent, name)
            if stat.S_ISLNK(status.st_mode):
                link = os.readlink(name, dir_fd=parent)
                owner = (status.st_uid, status.st_gid)
                xattrs = attributes_of_link(parent, name)
                return Entry(path, Kind.LINK, None, link=link, owner=owner, xattrs=xattrs)
        raise hostile(self.name, f"has {path!r}, which is a device, a pipe or a socket")

    def _file(self, path: str, parent: int, name: str, limits: ArchiveLimits) -> Entry:
        file = os.open(name, _READ, dir_fd=parent)
        try:
            status = os.fstat(file)
            data = self._bytes(file, path, status, limits)
            xattrs = attributes(file)
        finally:
            os.close(file)
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        digest = hashlib.sha256(data).hexdigest()
        return Entry(path, Kind.FILE, mode, len(data), digest, owner=owner, xattrs=xattrs)

    def passed_through(self, path: str) -> Entry:
        """A directory on the way to others; behind a link, what the link leads to."""
        with self._lock:
            return _directory(path, self._directory_at(path), ".")

    def names(self, path: str) -> Sequence[str]:
        """What lies in a directory (see Root)."""
        try:
            with self._lock:
                directory = os.open(".", _LIST, dir_fd=self._directory_at(path))
        except OSError as error:
            if error.errno in _NOWHERE:
                return ()
            raise
        try:
            return sorted(os.listdir(directory))  # noqa: PTH208 - a descriptor is no path
        finally:
            os.close(directory)

    def read(self, path: str, most: int) -> bytes:
        """The bytes of a file (see Root)."""
        file = self._opened(path)
        try:
            return self._bytes(file, path, os.fstat(file), ArchiveLimits(file_bytes=most))
        finally:
            os.close(file)

    def _opened(self, path: str) -> int:
        """A descriptor of what a path leads to; the caller closes it."""
        real = self.real(path)
        if real is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        with self._lock:
            parent, name = self._parent(real)
            return os.open(name, _READ, dir_fd=parent)

    def open(self, path: str) -> tuple[BinaryIO, int]:
        """A regular file, and its size; a link at the end is followed.

        Raises OSError where there is no such file, HostileArchiveError for a device.
        """
        file = self._opened(path)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            os.close(file)
            raise hostile(self.name, f"has {path!r}, which is a device, a pipe or a socket")
        return os.fdopen(file, "rb"), status.st_size

    def real(self, path: str) -> str | None:
        """The path behind all links (see Root)."""
        try:
            return self._walk(path, whole=True)[0]
        except OSError as error:
            if error.errno in _NOWHERE:
                return None
            raise

    def _bytes(self, file: int, path: str, status: os.stat_result, limits: ArchiveLimits) -> bytes:
        if not stat.S_ISREG(status.st_mode):
            raise hostile(self.name, f"has {path!r}, which is a device, a pipe or a socket")
        if status.st_size > limits.file_bytes:
            raise too_large(self.name, f"{path!r} has {status.st_size} bytes")
        # One that grows meanwhile ends where it did when it was opened.
        chunks, left = [], status.st_size
        while left and (chunk := os.read(file, left)):
            chunks.append(chunk)
            left -= len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _parent(self, path: str) -> tuple[int, str]:
        """The open directory in which a path's last name lies, and that name."""
        parent, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return self._directory_at(path), "."
        return self._directory_at(parent), name

    def _directory_at(self, path: str) -> int:
        """A directory, open for as long as it is among the last that were asked for."""
        if not path:
            return self._root
        descriptor = self._open.get(path)
        if descriptor is None:
            _real, descriptor = self._walk(path, whole=False)
            self._open[path] = descriptor
            if len(self._open) > _MOST_OPEN:
                os.close(self._open.popitem(last=False)[1])
        else:
            self._open.move_to_end(path)
        return descriptor

    def _walk(self, path: str, *, whole: bool) -> tuple[str, int]:
        """The real path, and the directory there, open for the caller.

        With ``whole`` the last name may be anything; then nothing stays open.
        """
        waiting = [part for part in path.split("/") if part not in ("", ".")][::-1]
        links = 0
        with contextlib.closing(OpenPath(self._root)) as way:
            while waiting:
                name = waiting.pop()
                if name == "..":
                    way.up()
                    continue
                link = read_link(name, way.here)
                if link is None and whole and not waiting:
                    os.stat(name, dir_fd=way.here, follow_symlinks=False)
                    return "/".join([*way.names, name]), -1
                if link is None:
                    way.enter(name)
                    continue
                links += 1
                if links > MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if link.startswith("/"):
                    way.close()
                waiting += [part for part in link.split("/") if part not in ("", ".")][::-1]
            return "/".join(way.names), -1 if whole else os.dup(way.here)


def _directory(path: str, parent: int, name: str) -> Entry:
    directory = os.open(name, _LIST | (0 if name == "." else os.O_NOFOLLOW), dir_fd=parent)
    try:
        status = os.fstat(directory)
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        return Entry(path, Kind.DIRECTORY, mode, owner=owner, xattrs=attributes(directory))
    finally:
        os.close(directory)


def _close(root: int, others: OrderedDict[str, int]) -> None:
    for descriptor in (root, *others.values()):
        os.close(descriptor)
