"""A compressed archive that an installer reads: exactly one stream, told by its name.

The formats are RFC 1952 (gzip), the .xz file format 1.1 and RFC 8878 (zstd). dpkg-deb and
makepkg each write one stream, and nothing before, behind or beside it. What else a format
allows (several streams, padding, frames to skip, names in a header) is for other readers
something else, and is refused.
"""

from __future__ import annotations

import enum
import io
import lzma
import os
import zlib
from typing import BinaryIO, Protocol

import zstandard

from samego.errors import InputError
from samego.formats.archive.compression import XZ_MEMORY, ZSTD_WINDOW, bounded
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import hostile

_CHUNK = 1 << 16
_GZIP_HEADER = 10
_GZIP_FLAGS = 3
_GZIP_WINDOW = 31
_ZSTD_MAGIC = 0xFD2FB528
#: Frames that a decoder skips: sixteen magic numbers (RFC 8878, 3.1.2).
_SKIPPABLE, _SKIPPABLE_MASK = 0x184D2A50, 0xFFFFFFF0
#: The sizes of a frame's optional fields by the bits that declare them (RFC 8878, 3.1.1.1).
_DICTIONARY_SIZES, _CONTENT_SIZES = (0, 1, 2, 4), (0, 2, 4, 8)
_SINGLE_SEGMENT, _CHECKSUM, _RESERVED = 0x20, 0x04, 0x08
_RAW, _RUN, _PACKED = 0, 1, 2


class Compression(enum.Enum):
    """How an archive is compressed, by the end of its name."""

    NONE = ""
    GZIP = ".gz"
    XZ = ".xz"
    ZSTD = ".zst"


_MAGICS = (
    (b"\x1f\x8b", Compression.GZIP),
    (b"\xfd7zXZ\0", Compression.XZ),
    (b"\x28\xb5\x2f\xfd", Compression.ZSTD),
)


def compression_of(start: bytes) -> Compression:
    """The compression that the first bytes of a file speak of."""
    return next((kind for magic, kind in _MAGICS if start.startswith(magic)), Compression.NONE)


def open_one_stream(
    file: BinaryIO, compression: Compression, *, name: str, limits: ArchiveLimits
) -> io.BufferedReader:
    """Open a file that holds one stream of this compression, and nothing else.

    The result gives decompressed bytes and closes ``file`` with itself. Raises
    HostileArchiveError here, or while it is read, for anything beside the one stream;
    InputError for a stream that is not of this compression.
    """
    if compression is Compression.NONE:
        return bounded(file, file, name, limits)
    if compression is Compression.ZSTD:
        _check_zstd(file, name)
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        stream: BinaryIO = decoder.stream_reader(file, closefd=False)
        return bounded(stream, file, name, limits)
    if compression is Compression.GZIP:
        _check_gzip(file, name)
        decompressor: _Decompressor = _Gzip()
    else:
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
    return bounded(_Stream(file, decompressor, compression, name), file, name, limits)  # type: ignore[arg-type]  # read alone is asked of it


class _Decompressor(Protocol):
    """What lzma's and _Gzip have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor, used as lzma's is."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max(max_length, 0))


class _Stream(io.RawIOBase):
    """Decompresses one stream and refuses what lies behind it."""

    def __init__(
        self, file: BinaryIO, decompressor: _Decompressor, compression: Compression, name: str
    ) -> None:
        self._file = file
        self._decompressor = decompressor
        self._compression = compression
        self._name = name

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; none at the stream's end."""
        while not self._decompressor.eof:
            data = self._file.read(_CHUNK) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not data:
                raise EOFError("it ends before its stream does")
            if given := self._decompressor.decompress(data, size):
                return given
        if self._decompressor.unused_data or self._file.read(1):
            raise _more_than_one(self._name, self._compression)
        return b""


def _more_than_one(name: str, compression: Compression) -> InputError:
    return hostile(name, f"has more behind its {_WORDS[compression]}")


_WORDS = {
    Compression.GZIP: "gzip stream",
    Compression.XZ: "xz stream",
    Compression.ZSTD: "zstd frame",
}


def _not_of(name: str, compression: Compression) -> InputError:
    return InputError(
        f"{name} is truncated or damaged (it is no {_WORDS[compression]})",
        hint="get the file again from its source",
    )


def _check_gzip(file: BinaryIO, name: str) -> None:
    """Refuse a header with a name, a comment, extra fields or a checksum of its own."""
    start = file.tell()
    header = file.read(_GZIP_HEADER)
    file.seek(start)
    if len(header) < _GZIP_HEADER or not header.startswith(b"\x1f\x8b\x08"):
        raise _not_of(name, Compression.GZIP)
    if header[_GZIP_FLAGS]:
        raise hostile(name, f"has a gzip header with optional fields ({header[_GZIP_FLAGS]:#04x})")


def _check_zstd(file: BinaryIO, name: str) -> None:
    """Refuse a file that is not one zstd frame, by a walk over the frame's blocks."""
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    at = _after_zstd_header(file, name)
    last = False
    while not last:
        file.seek(at)
        head = file.read(3)
        if len(head) != 3:  # noqa: PLR2004 - a block's header (RFC 8878, 3.1.1.2)
            raise _not_of(name, Compression.ZSTD)
        bits = int.from_bytes(head, "little")
        last, kind, size = bool(bits & 1), bits >> 1 & 3, bits >> 3
        if kind not in (_RAW, _RUN, _PACKED):
            raise _not_of(name, Compression.ZSTD)
        at += 3 + (1 if kind == _RUN else size)
    file.seek(start)
    descriptor = file.read(5)[4]
    file.seek(start)
    at += 4 if descriptor & _CHECKSUM else 0
    if at > end:
        raise _not_of(name, Compression.ZSTD)
    if at < end:
        raise _several_frames(name)


def _several_frames(name: str) -> InputError:
    return InputError(
        f"{name} has more than one zstd frame, as pzstd writes; dpkg-deb and makepkg write one",
        hint="pack it again with dpkg-deb or makepkg, or get it from the distribution",
    )


def _after_zstd_header(file: BinaryIO, name: str) -> int:
    """Where the first block of the frame begins."""
    start = file.tell()
    head = file.read(5)
    if int.from_bytes(head[:4], "little") & _SKIPPABLE_MASK == _SKIPPABLE:
        raise _several_frames(name)
    if len(head) != 5 or int.from_bytes(head[:4], "little") != _ZSTD_MAGIC:  # noqa: PLR2004 - magic and descriptor
        raise _not_of(name, Compression.ZSTD)
    descriptor = head[4]
    if descriptor & _RESERVED:
        raise _not_of(name, Compression.ZSTD)
    single = descriptor & _SINGLE_SEGMENT
    content = _CONTENT_SIZES[descriptor >> 6] or (1 if single else 0)
    return start + 5 + (0 if single else 1) + _DICTIONARY_SIZES[descriptor & 3] + content
