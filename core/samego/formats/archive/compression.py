"""Compressed streams, recognised by their first bytes and bounded in size.

For archives that are verified by their digest, of any maker. Archives that an installer reads go
through one_stream.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from typing import BinaryIO

import zstandard

from samego.errors import InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import too_large
from samego.formats.archive.zstd_frames import check_whole

_BUFFER = 1 << 20
#: A decoder may not need more memory than xz -9 does (65 MiB) with some room.
XZ_MEMORY = 256 << 20
ZSTD_WINDOW = 1 << 27

#: The exceptions of a broken compressed stream of any format.
DECODE_ERRORS = (lzma.LZMAError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, EOFError)


class _Bounded(io.RawIOBase):
    """A decompressed stream that refuses to give more than the limits allow."""

    def __init__(self, stream: BinaryIO, file: BinaryIO, name: str, limits: ArchiveLimits) -> None:
        self._stream = stream
        self._file = file
        self._name = name
        self._limits = limits
        self._position = 0

    def close(self) -> None:
        """Close the decoder and the file below it."""
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Seek forward by reading; nothing here ever needs to go back far."""
        target = offset if whence == io.SEEK_SET else self._position + offset
        if whence == io.SEEK_END or target < self._position:
            raise io.UnsupportedOperation("seek")
        while self._position < target:
            if not self.read(min(_BUFFER, target - self._position)):
                break
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed wants the private WriteableBuffer
        data = self._stream.read(len(buffer))
        count = len(data)
        buffer[:count] = data
        self._position += count
        if self._position > self._limits.total_bytes:
            raise too_large(self._name, f"it unpacks to over {self._limits.total_bytes} bytes")
        return count


class _WholeFrames:
    """zstandard's stream, which ends without an error where a frame is truncated."""

    def __init__(self, stream: BinaryIO, file: BinaryIO, start: int) -> None:
        self._stream = stream
        self._file = file
        self._start = start

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes. Raises EOFError at the end of a truncated stream."""
        data = self._stream.read(size)
        if not data:
            check_whole(self._file, self._start)
        return data

    def close(self) -> None:
        self._stream.close()


def open_decompressed(file: BinaryIO, *, name: str, limits: ArchiveLimits) -> io.BufferedReader:
    """Open a gzip, xz, zstd or plain stream for reading from its current position.

    The result gives decompressed bytes, can seek forward, and closes ``file`` with itself.
    Broken data raises one of DECODE_ERRORS while reading; more than the limits allow raises
    HostileArchiveError.
    """
    start = file.tell()
    magic = file.read(6)
    file.seek(start)
    stream: BinaryIO
    if magic.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[assignment]  # reads bytes; typeshed has its own class tree
    elif magic.startswith(b"\xfd7zXZ\0"):
        stream = lzma.open(file)  # type: ignore[assignment]  # noqa: SIM115 - the caller closes it
    elif magic.startswith(b"\x28\xb5\x2f\xfd"):
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        stream = _WholeFrames(decoder.stream_reader(file, read_across_frames=True), file, start)  # type: ignore[assignment]  # read and close alone are asked of it
    else:
        stream = file
    return bounded(stream, file, name, limits)


def bounded(
    stream: BinaryIO, file: BinaryIO, name: str, limits: ArchiveLimits
) -> io.BufferedReader:
    """A decompressed stream that ends with an error beyond the limits; closes both."""
    return io.BufferedReader(_Bounded(stream, file, name, limits), _BUFFER)


def truncated(name: str, error: BaseException) -> InputError:
    """The error for a stream that is truncated or does not decode."""
    return InputError(
        f"{name} is truncated or damaged ({error})", hint="get the file again from its source"
    )
