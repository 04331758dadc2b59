"""The directory of a zip, read strictly: every byte belongs to one member or to the directory.

A zip can be read in several ways: by its local headers, by its central directory, from its
end or from its start. Upstream's are written by Go's archive/zip, in which all of these say
the same; what says two things is refused here.

Source of the layout: PKWARE's APPNOTE.TXT 6.3 (4.3.7 local header, 4.3.9 data descriptor,
4.3.12 central directory header, 4.3.16 end record).
"""

from __future__ import annotations

import mmap
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_LOCAL = struct.Struct("<4s5HLLLHH")
_CENTRAL = struct.Struct("<4s6HLLLHHHHHLL")
_END = struct.Struct("<4s4HLLH")
_DESCRIPTOR = struct.Struct("<4sLLL")
_FIELD = struct.Struct("<HH")
_LOCAL_MAGIC, _CENTRAL_MAGIC = b"PK\x03\x04", b"PK\x01\x02"
_END_MAGIC, _DESCRIPTOR_MAGIC = b"PK\x05\x06", b"PK\x07\x08"

#: General purpose bits (4.4.4): sizes and CRC follow the data; names are UTF-8. Bits 1 and 2
#: say how hard the compressor tried.
_DEFERRED, _UTF8, _EFFORT = 0x0008, 0x0800, 0x0006
_ENCRYPTED = 0x2041
#: Extra fields that say nothing of a name or of data: Info-ZIP's time stamp (5455) and owner
#: (7875). One of Unicode names (7075) or of zip64 sizes would be a second reading.
_HARMLESS = frozenset({0x5455, 0x7875})
_UNIX = 3
_FULL = 0xFFFFFFFF


class ZipHeader(NamedTuple):
    """What the directory says of one member; sizes and the offset are in bytes.

    ``data`` is where its (packed) data begins. ``mode`` holds the file's type and its permission
    bits (st_mode), 0 where the zip carries none.
    """

    name: str
    encrypted: bool
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    data: int
    mode: int


def read_directory(file: BinaryIO) -> Iterator[ZipHeader]:
    """The members of a zip in their order.

    Raises zipfile.BadZipFile, struct.error or ValueError for what is no zip, and for one that
    can be read in more than one way: bytes that belong to nothing, a comment, local and
    central headers that differ, members out of their order, names that are not UTF-8.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield from _read(data)


def _read(data: mmap.mmap) -> Iterator[ZipHeader]:
    end = len(data) - _END.size
    magic, *disks, count, size, start, comment = _END.unpack_from(data, max(end, 0))
    if magic != _END_MAGIC or comment:
        raise zipfile.BadZipFile("no end record at the end, or a comment behind it")
    if disks != [0, 0, count] or start + size != end or start == _FULL:
        raise zipfile.BadZipFile("the end record does not fit the directory")
    at, place = start, 0
    for _number in range(count):
        header, at, place = _member(data, at, place, start, end)
        yield header
    if at != end or place != start:
        raise zipfile.BadZipFile("bytes that belong to no member")


def _member(
    data: mmap.mmap, at: int, place: int, start: int, end: int
) -> tuple[ZipHeader, int, int]:
    """One member; where the next central header starts, and the next local one."""
    magic, made_by, *common, name_size, extra_size, comment, disk, _internal, external, offset = (
        _CENTRAL.unpack_from(data, at)
    )
    _needed, flags, method, _time, _date, crc, packed, size = common
    name_end = at + _CENTRAL.size + name_size
    stop = name_end + extra_size
    if magic != _CENTRAL_MAGIC or stop > end or comment or disk or _FULL in (packed, size):
        raise zipfile.BadZipFile("a member's entry in the directory is malformed")
    if offset != place:
        raise zipfile.BadZipFile("bytes between members, or members out of their order")
    name = data[at + _CENTRAL.size : name_end]
    _check_extra(data[name_end:stop])
    local_magic, *local, local_name, local_extra = _LOCAL.unpack_from(data, offset)
    local_name_end = offset + _LOCAL.size + local_name
    begin = local_name_end + local_extra
    after = begin + packed
    expected = common[:5] + ([0, 0, 0] if flags & _DEFERRED and not any(local[5:]) else common[5:])
    if (
        local_magic != _LOCAL_MAGIC
        or local != expected
        or data[offset + _LOCAL.size : local_name_end] != name
        or after > start
    ):
        raise zipfile.BadZipFile("a member's own header contradicts the directory")
    _check_extra(data[local_name_end:begin])
    if flags & _DEFERRED:
        if _DESCRIPTOR.unpack_from(data, after) != (_DESCRIPTOR_MAGIC, crc, packed, size):
            raise zipfile.BadZipFile("what follows a member contradicts the directory")
        after += _DESCRIPTOR.size
    if flags & ~(_DEFERRED | _UTF8 | _EFFORT | _ENCRYPTED):
        raise zipfile.BadZipFile(f"unknown flags {flags:#x}")
    text = name.decode("utf-8" if flags & _UTF8 else "ascii")
    mode = external >> 16 if made_by >> 8 == _UNIX else 0
    encrypted = bool(flags & _ENCRYPTED)
    return ZipHeader(text, encrypted, method, crc, packed, size, offset, begin, mode), stop, after


def _check_extra(extra: bytes) -> None:
    while extra:
        kind, size = _FIELD.unpack_from(extra)
        if kind not in _HARMLESS or _FIELD.size + size > len(extra):
            raise zipfile.BadZipFile(f"an extra field that is not known ({kind:#06x})")
        extra = extra[_FIELD.size + size :]
