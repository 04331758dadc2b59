"""Zip archives, read strictly: local members back to back, central directory, end record.

Source of the layout: PKWARE's APPNOTE.TXT 6.3 (4.3.7 local header, 4.3.9 data
descriptor, 4.3.12 central directory header, 4.3.16 end record). No zip64, no
encryption, one disk: what samego compares needs none of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from samego.rules.content.base import FormatError

_LOCAL = struct.Struct("<4s5HLLLHH")
_CENTRAL = struct.Struct("<4s6HLLLHHHHHLL")
_END = struct.Struct("<4s4HLLH")
_DESCRIPTOR = struct.Struct("<LLL")
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_FIELD = struct.Struct("<HH")

DEFERRED = 0x0008
"""Flag bit 3: sizes and CRC follow the data (4.4.4)."""
_ENCRYPTED = 0x2041
_LONGEST_COMMENT = 0xFFFF


@dataclass(frozen=True, slots=True)
class RawZipMember:
    """One member; ``data`` is as stored, compressed or not. Numbers as in the headers."""

    name: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    stamp: int
    crc: int
    size: int
    internal: int
    external: int
    comment: bytes
    central_extra: bytes
    local_extra: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class ZipFile:
    """All of an archive."""

    members: tuple[RawZipMember, ...]
    comment: bytes


def read_zip(data: bytes) -> ZipFile:
    """Read an archive of which every byte belongs to a member or to the directory.

    Raises FormatError for gaps, prefixes, trailing bytes, headers that contradict each
    other, and everything that the module's description excludes.
    """
    try:
        return _read(data)
    except struct.error as error:
        raise FormatError("a header is cut off") from error


def extra_fields(extra: bytes) -> list[tuple[int, bytes]]:
    """An extra field taken apart into (id, data) (4.5.1). Raises FormatError."""
    fields = []
    while extra:
        if len(extra) < _FIELD.size:
            raise FormatError("an extra field is cut off")
        kind, size = _FIELD.unpack_from(extra)
        body = extra[_FIELD.size : _FIELD.size + size]
        if len(body) != size:
            raise FormatError("an extra field is cut off")
        fields.append((kind, body))
        extra = extra[_FIELD.size + size :]
    return fields


def _read(data: bytes) -> ZipFile:
    end = _find_end(data)
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(data, end)
    if (disk, first_disk) != (0, 0) or here != count or offset + size != end:
        raise FormatError("the end record does not fit the directory")
    members = []
    position = 0
    cursor = offset
    for _index in range(count):
        central = _Central.read(data, cursor, end)
        if central.offset != position:
            raise FormatError("bytes between members, or members out of their order")
        member, position = _member(data, central, offset)
        members.append(member)
        cursor = central.end
    if cursor != end or position != offset:
        raise FormatError("bytes that belong to no member")
    return ZipFile(tuple(members), data[end + _END.size :])


def _find_end(data: bytes) -> int:
    """Where the end record starts: its comment must reach to the end of the file."""
    lowest = max(0, len(data) - _END.size - _LONGEST_COMMENT)
    end = data.rfind(b"PK\x05\x06", lowest)
    if end < 0 or end + _END.size + _END.unpack_from(data, end)[-1] != len(data):
        raise FormatError("no end record at the end")
    return end


@dataclass(frozen=True, slots=True)
class _Central:
    """A header of the central directory."""

    fields: tuple[int, ...]
    name: bytes
    extra: bytes
    comment: bytes
    offset: int
    end: int

    @classmethod
    def read(cls, data: bytes, at: int, limit: int) -> _Central:
        magic, *fields = _CENTRAL.unpack_from(data, at)
        name_size, extra_size, comment_size, disk = fields[9:13]
        start = at + _CENTRAL.size
        name_end = start + name_size
        extra_end = name_end + extra_size
        stop = extra_end + comment_size
        if magic != b"PK\x01\x02" or stop > limit or disk:
            raise FormatError("the central directory is damaged")
        return cls(
            tuple(fields),
            data[start:name_end],
            data[name_end:extra_end],
            data[extra_end:stop],
            fields[15],
            stop,
        )


def _member(data: bytes, central: _Central, limit: int) -> tuple[RawZipMember, int]:
    """The member of a central header, and where its last byte ends."""
    made_by, needed, flags, method, time, date, crc, packed, size = central.fields[:9]
    magic, *local = _LOCAL.unpack_from(data, central.offset)
    name_size, extra_size = local[8:10]
    name_end = central.offset + _LOCAL.size + name_size
    start = name_end + extra_size
    end = start + packed
    if magic != b"PK\x03\x04" or end > limit or flags & _ENCRYPTED:
        raise FormatError("a local header is damaged, or the member is encrypted")
    sizes = [crc, packed, size]
    deferred = bool(flags & DEFERRED)
    if local[:5] != [needed, flags, method, time, date] or not (
        local[5:8] == sizes or (deferred and local[5:8] == [0, 0, 0])
    ):
        raise FormatError("a local header contradicts the central directory")
    if data[name_end - name_size : name_end] != central.name:
        raise FormatError("a member has two names")
    member = RawZipMember(
        central.name,
        made_by,
        needed,
        flags,
        method,
        date << 16 | time,
        crc,
        size,
        central.fields[13],
        central.fields[14],
        central.comment,
        central.extra,
        data[name_end:start],
        data[start:end],
    )
    return member, _after_descriptor(data, end, sizes) if deferred else end


def _after_descriptor(data: bytes, at: int, sizes: list[int]) -> int:
    """Where a data descriptor ends; it repeats CRC and sizes, with or without signature."""
    if data.startswith(_DESCRIPTOR_SIGNATURE, at):
        at += len(_DESCRIPTOR_SIGNATURE)
    if list(_DESCRIPTOR.unpack_from(data, at)) != sizes:
        raise FormatError("a data descriptor contradicts the central directory")
    return at + _DESCRIPTOR.size
