"""A compressed archive that an installer reads: exactly one stream, of the named format.

The formats are RFC 1952 (gzip), the .xz file format 1.1 and RFC 8878 (zstd). dpkg-deb and
makepkg each write one stream, and nothing before, behind or beside it. What else a format
allows (several streams, padding, frames to skip, names in a header) is read differently by other
readers, and is refused.
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
from samego.formats.archive.zstd_frames import frame_end, is_skippable

_CHUNK = 1 << 16
_GZIP_HEADER = 10
_GZIP_FLAGS = 3
_GZIP_WINDOW = 31


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
    """The compression that the first bytes of a file indicate."""
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
    """Decompresses one stream and refuses further bytes."""

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
    if is_skippable(file.read(4)):
        raise _several_frames(name)
    file.seek(start)
    try:
        after = frame_end(file)
    except (EOFError, zstandard.ZstdError):
        raise _not_of(name, Compression.ZSTD) from None
    if after < end:
        raise _several_frames(name)


def _several_frames(name: str) -> InputError:
    return InputError(
        f"{name} has more than one zstd frame, as pzstd writes; dpkg-deb and makepkg write one",
        hint="pack it again with dpkg-deb or makepkg, or get it from the distribution",
    )
