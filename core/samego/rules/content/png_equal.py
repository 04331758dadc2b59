"""Whether two PNG files are the same picture, their dates set aside (W3C PNG, 5 and 11)."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone

from samego.rules.content.base import FormatError, Moment

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">L4s")
_TYPE = re.compile(rb"[A-Za-z]{4}")
_DATE_TEXT = re.compile(rb"(date:[^\0]+|Creation Time)\0")
_DATE_TYPES = (b"tEXt", b"iTXt", b"zTXt")
_ISO = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)-00:00")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk whose CRC was right."""

    kind: bytes
    data: bytes

    @property
    def date_key(self) -> bytes:
        """What of the picture's date this chunk holds, or empty."""
        if self.kind == b"tIME":
            return b"tIME"
        match = _DATE_TEXT.match(self.data) if self.kind in _DATE_TYPES else None
        return match[1] if match else b""


def check_png(distro: bytes, upstream: bytes, timestamp: int | None) -> int:
    """Check that ``distro`` has upstream's chunks; their number.

    What may differ: the date in ``tIME`` and in text chunks with the keys ``date:...`` and
    ``Creation Time``, all of them ``timestamp`` (or one common moment where that is
    unknown). Raises FormatError otherwise, and for anything after IEND.
    """
    ours, theirs = read_png(distro), read_png(upstream)
    if len(ours) != len(theirs):
        raise FormatError("the chunks differ in number")
    moment = Moment(timestamp)
    for mine, other in zip(ours, theirs, strict=True):
        if mine == other:
            continue
        if not mine.date_key or mine.date_key != other.date_key:
            raise FormatError("a chunk differs")
        if not moment.accept(_date(mine)):
            raise FormatError("a date differs in one file only")
    return len(ours)


def read_png(data: bytes) -> tuple[Chunk, ...]:
    """All chunks from IHDR to IEND, with nothing after. Raises FormatError."""
    if not data.startswith(SIGNATURE):
        raise FormatError("not a PNG file")
    at = len(SIGNATURE)
    chunks: list[Chunk] = []
    while not chunks or chunks[-1].kind != b"IEND":
        if len(data) - at < _HEAD.size:
            raise FormatError("the file is cut off")
        size, kind = _HEAD.unpack_from(data, at)
        start = at + _HEAD.size
        at = start + size + 4
        if at > len(data) or not _TYPE.fullmatch(kind):
            raise FormatError("a chunk is damaged")
        body = data[start : start + size]
        if zlib.crc32(kind + body) != int.from_bytes(data[at - 4 : at], "big"):
            raise FormatError("a chunk's CRC is wrong")
        chunks.append(Chunk(kind, body))
    if at != len(data) or chunks[0].kind != b"IHDR":
        raise FormatError("bytes after IEND, or no IHDR")
    return tuple(chunks)


def _date(chunk: Chunk) -> int:
    """The moment that a date chunk holds, in the forms that strip-nondeterminism writes."""
    try:
        if chunk.kind == b"tIME":
            year, month, day, hour, minute, second = struct.unpack(">HBBBBB", chunk.data)
            when = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
        else:
            text = _ISO.fullmatch(chunk.data.partition(b"\0")[2])
            if chunk.kind != b"tEXt" or text is None:
                raise FormatError("a date is written in another form")
            when = datetime.fromisoformat(text[1].decode()).replace(tzinfo=timezone.utc)
    except (struct.error, ValueError) as error:
        raise FormatError("a date is not a date") from error
    return int(when.timestamp())
