"""Whether two gzip files hold the same bytes, file name and time set aside (RFC 1952)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.rules.content.base import FormatError, Moment

_HEADER = struct.Struct("<2sBBLBB")
_TRAILER = struct.Struct("<LL")
_DEFLATE = 8
_FTEXT, _FHCRC, _FEXTRA, _FNAME, _FCOMMENT = 1, 2, 4, 8, 16
_XFL = (0, 2, 4)
_OS = (*range(14), 255)


@dataclass(frozen=True, slots=True)
class GzipMember:
    """A gzip file of exactly one member; ``content`` is inflated."""

    text: bool
    mtime: int
    xfl: int
    os: int
    name: bytes | None
    extra: bytes | None
    comment: bytes | None
    content: bytes


def check_gzip(distro: bytes, upstream: bytes, timestamp: int | None) -> int:
    """Check that ``distro`` inflates to upstream's bytes; their number.

    What may differ: the file name (left out), the compression level and system bytes
    (values of RFC 1952), the time (upstream's, 0, or ``timestamp``), how the bytes are
    compressed. Raises FormatError otherwise, and for anything after the one member.
    """
    ours, theirs = read_gzip(distro), read_gzip(upstream)
    if (ours.text, ours.extra, ours.comment) != (theirs.text, theirs.extra, theirs.comment):
        raise FormatError("the header's fields differ")
    if ours.content != theirs.content:
        raise FormatError("the contents differ")
    if ours.name not in (None, theirs.name):
        raise FormatError("the file name differs")
    if ours.xfl not in {*_XFL, theirs.xfl} or ours.os not in {*_OS, theirs.os}:
        raise FormatError("the header has values that nothing defines")
    if ours.mtime not in (0, theirs.mtime) and not (
        timestamp is not None and Moment(timestamp).accept(ours.mtime)
    ):
        raise FormatError("the time is neither upstream's nor the build's")
    return len(ours.content)


def read_gzip(data: bytes) -> GzipMember:
    """Read a file that is exactly one gzip member. Raises FormatError."""
    try:
        return _read(data)
    except struct.error as error:
        raise FormatError("the file is cut off") from error
    except zlib.error as error:
        raise FormatError("the compressed data is damaged") from error


def _read(data: bytes) -> GzipMember:
    magic, method, flags, mtime, xfl, system = _HEADER.unpack_from(data)
    known = _FTEXT | _FHCRC | _FEXTRA | _FNAME | _FCOMMENT
    if magic != b"\x1f\x8b" or method != _DEFLATE or flags & ~known:
        raise FormatError("not a gzip file")
    at = _HEADER.size
    extra = name = comment = None
    if flags & _FEXTRA:
        (size,) = struct.unpack_from("<H", data, at)
        extra, at = data[at + 2 : at + 2 + size], at + 2 + size
    if flags & _FNAME:
        name, at = _text(data, at)
    if flags & _FCOMMENT:
        comment, at = _text(data, at)
    if flags & _FHCRC:
        (crc,) = struct.unpack_from("<H", data, at)
        if crc != zlib.crc32(data[:at]) & 0xFFFF:
            raise FormatError("the header's checksum is wrong")
        at += 2
    content = _inflate(data, at)
    return GzipMember(bool(flags & _FTEXT), mtime, xfl, system, name, extra, comment, content)


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise FormatError("the header is cut off")
    return data[at:end], end + 1


def _inflate(data: bytes, at: int) -> bytes:
    """The member's content; the trailer after it must be right, and the last of the file."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(data[at:], DEFAULT_LIMITS.file_bytes)
    if not inflater.eof or len(inflater.unused_data) != _TRAILER.size:
        raise FormatError("more or less than one member")
    if _TRAILER.unpack(inflater.unused_data) != (zlib.crc32(content), len(content) & 0xFFFFFFFF):
        raise FormatError("the trailer does not fit the contents")
    return content
