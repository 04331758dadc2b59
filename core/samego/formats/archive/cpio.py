"""The members of a cpio archive, read strictly.

Format: the octet-oriented interchange format (IEEE Std 1003.1, pax, "cpio Interchange
Format"), which macOS packages hold. Python lacks it, and libarchive decodes names
by this process's locale and reads several other formats as cpio.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from samego.errors import InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import hostile, too_large

_MAGIC = b"070707"
#: Octal digits of: magic, dev, ino, mode, uid, gid, nlink, rdev, mtime, namesize, filesize.
_WIDTHS = (6, 6, 6, 6, 6, 6, 6, 6, 11, 6, 11)
#: Which of them is the number of names that a file has.
_LINKS = 6
_HEADER_SIZE = sum(_WIDTHS)
_TRAILER = b"TRAILER!!!"
_CHUNK = 1 << 20


class CpioMember(NamedTuple):
    """A member: its raw name, its mode with the type's bits, its (uid, gid), and its bytes.

    The bytes of a link are its target.
    """

    name: str
    mode: int
    owner: tuple[int, int]
    data: bytes


def read_cpio(stream: BinaryIO, *, name: str, limits: ArchiveLimits) -> Iterator[CpioMember]:
    """Every member of an archive up to its trailer, which only zeros may follow.

    Raises InputError for an archive that is truncated or holds something that is no member,
    HostileArchiveError for devices, hard links, hidden data, and anything beyond ``limits``.
    """
    linked: set[tuple[int, int]] = set()
    while True:
        fields = _fields(_take(stream, _HEADER_SIZE, name), name)
        mode, owner, name_size, size = fields[3], (fields[4], fields[5]), fields[9], fields[10]
        if name_size > limits.path_bytes:
            raise hostile(name, f"has a member name of {name_size} bytes")
        raw = _take(stream, name_size, name)
        if not raw.endswith(b"\0") or b"\0" in raw[:-1]:
            raise _damaged(name, "a member without a name")
        if raw[:-1] == _TRAILER:
            break
        path = raw[:-1].decode("utf-8", "surrogateescape")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            raise hostile(name, f"has {path!r}, which is a device, a pipe or a socket")
        if stat.S_ISREG(mode) and _is_second(fields, linked):
            raise hostile(name, f"has {path!r}, which is a hard link")
        if size > limits.file_bytes:
            raise too_large(name, f"{path!r} has {size} bytes")
        yield CpioMember(path, mode, owner, _take(stream, size, name))
    while chunk := stream.read(_CHUNK):
        if chunk.strip(b"\0"):
            raise hostile(name, "has data after the end of the archive")


def _fields(header: bytes, name: str) -> list[int]:
    if not header.startswith(_MAGIC) or header.strip(b"01234567"):
        raise _damaged(name, "something that is no member")
    values, start = [], 0
    for width in _WIDTHS:
        values.append(int(header[start : start + width], 8))
        start += width
    return values


def _is_second(fields: list[int], linked: set[tuple[int, int]]) -> bool:
    """Whether a file of several names was there before: dev and ino are added to ``linked``.

    Other readers give it the first one's bytes, not its own.
    """
    if fields[_LINKS] <= 1:
        return False
    before = len(linked)
    linked.add((fields[1], fields[2]))
    return len(linked) == before


def _take(stream: BinaryIO, size: int, name: str) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise _damaged(name, "a truncated member")
    return data


def _damaged(name: str, what: str) -> InputError:
    return InputError(
        f"{name} is not a readable cpio archive: it has {what}",
        hint="get the file again from its source",
    )
