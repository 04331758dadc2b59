"""The container of a .deb: an ar archive, exactly as dpkg-deb writes it.

The format is deb(5), the writer dpkg's lib/dpkg/ar.c and src/deb/build.c. Each header is
written again from the values that were read, and must be the same. What other tools write, and
dpkg reads, is refused with a message that names it.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.one_stream import Compression

_MAGIC = b"!<arch>\n"
_HEADER = 60
_NAME, _TIME, _SIZE = slice(0, 16), slice(16, 28), slice(48, 58)
_VERSION_MEMBER, _VERSION = b"debian-binary", b"2.0\n"
_NUMBER = re.compile(rb"(0|[1-9][0-9]*) *")
_MAX_MEMBERS = 20
_ARCHIVE = re.compile(r"(control|data)\.tar(\..+)?")
_HINT = "pack it again with dpkg-deb, or get it from the distribution"


@dataclass(frozen=True, slots=True)
class Part:
    """A member: its name, its time in seconds since 1970, and where its data lies."""

    name: str
    time: int
    offset: int
    size: int

    @property
    def compression(self) -> Compression:
        """How it is compressed: its name says it, to dpkg-deb and here."""
        return Compression(self.name.partition(".tar")[2])

    def open(self, descriptor: int) -> BinaryIO:
        """Read it from an open file, with a position of its own."""
        return io.BufferedReader(_PartReader(descriptor, self.offset, self.size), 1 << 16)


@dataclass(frozen=True, slots=True)
class Container:
    """The two archives of a package."""

    control: Part
    data: Part


def read_container(descriptor: int, name: str) -> Container:
    """The archives of the .deb that is open as ``descriptor``.

    Raises InputError for anything but ``debian-binary``, the control archive and the data
    archive, each compressed with gzip, xz or zstd, or not at all.
    """
    end = os.fstat(descriptor).st_size
    if os.pread(descriptor, len(_MAGIC), 0) != _MAGIC:
        raise _damaged(name, "it is no ar archive")
    parts: list[Part] = []
    at = len(_MAGIC)
    while at < end:
        if len(parts) == _MAX_MEMBERS:
            raise _damaged(name, f"it has over {_MAX_MEMBERS} members")
        part = _part(descriptor, at, name)
        at = part.offset + part.size
        if at > end:
            raise _damaged(name, f"{part.name} breaks off")
        if part.size % 2 and os.pread(descriptor, 1, at) != b"\n":
            raise _damaged(name, f"{part.name} is not filled up with a newline")
        at += part.size % 2
        parts.append(part)
    return _checked(descriptor, parts, name)


def _part(descriptor: int, at: int, name: str) -> Part:
    """The member whose header stands there."""
    header = os.pread(descriptor, _HEADER, at)
    if len(header) != _HEADER:
        raise _damaged(name, "a member's header breaks off")
    shown = header[_NAME].rstrip(b" ")
    if shown.endswith(b"/"):
        raise _refused(
            name, f"its member {_text(shown[:-1])} is named as GNU ar does it, as in fpm's packages"
        )
    time, size = _NUMBER.fullmatch(header[_TIME]), _NUMBER.fullmatch(header[_SIZE])
    if time is None or size is None:
        raise _damaged(name, f"{_text(shown)} has a time or size that is no number")
    written = b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (
        shown,
        int(time[1]),
        0,
        0,
        0o100644,
        int(size[1]),
    )
    if written != header:
        raise _refused(name, f"the header of {_text(shown)} is not as dpkg-deb writes it")
    return Part(_text(shown), int(time[1]), at + _HEADER, int(size[1]))


def _checked(descriptor: int, parts: list[Part], name: str) -> Container:
    """The parts, where they are those of a package and in their order."""
    _check_names(parts, name)
    if len({part.time for part in parts}) != 1:
        raise _refused(name, "its members have different times, dpkg-deb gives them one")
    version, control, data = parts
    if os.pread(descriptor, min(version.size, 16), version.offset) != _VERSION:
        raise _refused(name, "its debian-binary does not say 2.0 alone")
    return Container(control, data)


def _check_names(parts: list[Part], name: str) -> None:
    for part in parts:
        if part.name.startswith("_"):
            raise _refused(name, f"it has the extra member {part.name}, which dpkg skips")
        match = _ARCHIVE.fullmatch(part.name)
        if match and (match[2] or "") not in {kind.value for kind in Compression}:
            raise _refused(
                name,
                f"{part.name} is compressed in a way that samego does not read: it reads gzip,"
                " xz and zstd",
            )
    stems = [match[1] if (match := _ARCHIVE.fullmatch(part.name)) else "" for part in parts]
    if stems != ["", "control", "data"] or parts[0].name != _VERSION_MEMBER.decode():
        listed = ", ".join(repr(part.name) for part in parts[:6]) or "none"
        raise InputError(
            f"{name} is not a .deb that samego reads (its members: {listed})",
            hint="it must hold debian-binary, control.tar and data.tar (gz, xz or zst) alone",
        )


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "backslashreplace")


def _refused(name: str, what: str) -> InputError:
    return InputError(f"{name} was not made by dpkg-deb ({what})", hint=_HINT)


def _damaged(name: str, what: str) -> InputError:
    return InputError(
        f"{name} is not a readable .deb ({what})", hint="get the file again from its source"
    )


class _PartReader(io.RawIOBase):
    """A part of an open file, with its own position: threads may read side by side."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._size - self._position)
        wanted = left if size < 0 else min(size, left)
        data = os.pread(self._descriptor, wanted, self._start + self._position)
        self._position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed wants the private WriteableBuffer
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
