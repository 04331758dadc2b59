"""The files of an image: in a directory, or in a tar, which is not unpacked."""

from __future__ import annotations

import abc
import io
import os
import posixpath
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.paths import hostile, too_large
from samego.formats.archive.tar.header import BLOCK, TarError
from samego.formats.archive.tar.members import (
    DIRECTORY,
    REGULAR,
    SYMBOLIC_LINK,
    TarMember,
    read_members,
    refusal,
)
from samego.formats.image.limits import ImageLimits
from samego.formats.tree.disk_root import DiskRoot
from samego.system.closing import Closing

_MAGIC = slice(257, 262)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class ImageFiles(Closing):
    """The files of an image by their paths, as they stand in its documents."""

    #: Its name in messages.
    name: str

    @abc.abstractmethod
    def has(self, path: str) -> bool:
        """Whether there is such a file."""

    @abc.abstractmethod
    def open(self, path: str) -> tuple[BinaryIO, int]:
        """A file from its start, and its size; the caller closes it. Raises InputError."""


class DirectoryFiles(ImageFiles):
    """The directory of an OCI layout; no link leads out of it."""

    def __init__(self, directory: Path) -> None:
        self.name = directory.name or str(directory)
        self._root = DiskRoot(directory)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._root.real(path) is not None

    def open(self, path: str) -> tuple[BinaryIO, int]:
        """A file from its start, and its size."""
        try:
            return self._root.open(path)
        except OSError as error:
            raise _missing(self.name, path) from error

    def close(self) -> None:
        """Nothing is open."""


class TarFiles(ImageFiles):
    """An uncompressed tar of an OCI layout or of ``docker save``: its members by their offsets."""

    def __init__(self, path: Path, limits: ImageLimits) -> None:
        self.name = path.name
        self._file = path.open("rb")
        try:
            self._members, self._links = _index(self._file, self.name, limits)
        except BaseException:
            self._file.close()
            raise

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._followed(path) in self._members

    def open(self, path: str) -> tuple[BinaryIO, int]:
        """A file from its start, and its size."""
        place = self._members.get(self._followed(path))
        if place is None:
            raise _missing(self.name, path)
        offset, size = place
        return io.BufferedReader(_Slice(self._file.fileno(), offset, size), 1 << 20), size

    def close(self) -> None:
        """Close the tar."""
        self._file.close()

    def _followed(self, path: str) -> str:
        """The path behind a link: an older ``docker save`` writes a layer's second name as one."""
        target = self._links.get(path)
        if target is None:
            return path
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


class _Slice(io.RawIOBase):
    """A part of an open file, read by its offset: many may be read at a time."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed wants the private WriteableBuffer
        left = max(0, min(len(buffer), self._size - self._at))
        data = os.pread(self._descriptor, left, self._offset + self._at) if left else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def is_tar(path: Path) -> bool:
    """Whether a file begins as an uncompressed tar does."""
    try:
        with path.open("rb") as file:
            return file.read(BLOCK)[_MAGIC] == b"ustar"
    except OSError:
        return False


def _index(
    file: BinaryIO, name: str, limits: ImageLimits
) -> tuple[dict[str, tuple[int, int]], dict[str, str]]:
    members: dict[str, tuple[int, int]] = {}
    links: dict[str, str] = {}
    try:
        for member in read_members(file):
            path = member.name.removeprefix("./").rstrip("/")
            _check(member, path, name)
            if path in members or path in links:
                raise hostile(name, f"has {path!r} twice")
            if len(members) + len(links) >= limits.members:
                raise too_large(name, f"over {limits.members} members")
            if member.kind == REGULAR:
                members[path] = (file.tell(), member.size)
                file.seek(member.size + -member.size % BLOCK, io.SEEK_CUR)
            elif member.kind == SYMBOLIC_LINK:
                links[path] = member.link
    except TarError as error:
        raise refusal(error, name=name, hint="save the image again") from error
    return members, links


def _check(member: TarMember, path: str, name: str) -> None:
    if member.kind not in (REGULAR, SYMBOLIC_LINK, DIRECTORY):
        raise hostile(name, f"has {path!r}, which is no file of an image ({member.kind})")
    if path.startswith("/") or ".." in path.split("/"):
        raise hostile(name, f"has a member named {path[:80]!r}")


def _missing(name: str, path: str) -> InputError:
    return InputError(
        f"{name} has no file {path}", hint="save the whole image: every layer must be in it"
    )
