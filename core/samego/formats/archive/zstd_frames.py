"""The ends of the frames of a zstd file, because the decoder accepts a truncated frame.

The format is RFC 8878, 3.1: a frame is a header and blocks, each with its size before it.
"""

from __future__ import annotations

import os
from typing import BinaryIO

import zstandard

_MAGIC = 0xFD2FB528
#: Frames that a decoder skips: sixteen magic numbers (RFC 8878, 3.1.2).
_SKIPPABLE, _SKIPPABLE_MASK = 0x184D2A50, 0xFFFFFFF0
#: The sizes of a frame's optional fields by the bits that declare them (RFC 8878, 3.1.1.1).
_DICTIONARY_SIZES, _CONTENT_SIZES = (0, 1, 2, 4), (0, 2, 4, 8)
_SINGLE_SEGMENT, _CHECKSUM, _RESERVED = 0x20, 0x04, 0x08
_RAW, _RUN, _PACKED = 0, 1, 2


def frame_end(file: BinaryIO) -> int:
    """Where the frame that begins at the file's position ends; the position stays.

    Raises EOFError for a truncated frame, ZstdError for anything else (also for a skippable
    frame).
    """
    start = file.tell()
    try:
        return _end(file, start)
    finally:
        file.seek(start)


def is_skippable(head: bytes) -> bool:
    """Whether a frame that begins with these bytes holds nothing for a decoder."""
    return int.from_bytes(head[:4], "little") & _SKIPPABLE_MASK == _SKIPPABLE


def check_whole(file: BinaryIO, start: int) -> None:
    """Raise EOFError where the last of the frames from ``start`` breaks off; the position stays.

    Bytes that are no frame are left for the decoder to refuse.
    """
    position = file.tell()
    end = file.seek(0, os.SEEK_END)
    at = start
    try:
        while at < end:
            file.seek(at)
            head = file.read(8)
            file.seek(at)
            if is_skippable(head):
                at += 8 + int.from_bytes(head[4:], "little")
            else:
                at = frame_end(file)
        if at > end:
            raise _breaks_off()
    except zstandard.ZstdError:
        return
    finally:
        file.seek(position)


def _end(file: BinaryIO, start: int) -> int:
    head = file.read(5)
    if int.from_bytes(head[:4], "little") != _MAGIC:
        raise zstandard.ZstdError("no zstd frame")
    if len(head) < 5:  # noqa: PLR2004 - magic and descriptor
        raise _breaks_off()
    descriptor = head[4]
    if descriptor & _RESERVED:
        raise zstandard.ZstdError("a zstd frame with a reserved bit")
    single = descriptor & _SINGLE_SEGMENT
    content = _CONTENT_SIZES[descriptor >> 6] or (1 if single else 0)
    at = start + 5 + (0 if single else 1) + _DICTIONARY_SIZES[descriptor & 3] + content
    last = False
    while not last:
        file.seek(at)
        bits = file.read(3)
        if len(bits) != 3:  # noqa: PLR2004 - a block's header (RFC 8878, 3.1.1.2)
            raise _breaks_off()
        number = int.from_bytes(bits, "little")
        last, kind, size = bool(number & 1), number >> 1 & 3, number >> 3
        if kind not in (_RAW, _RUN, _PACKED):
            raise zstandard.ZstdError("a zstd block of a reserved kind")
        at += 3 + (1 if kind == _RUN else size)
    at += 4 if descriptor & _CHECKSUM else 0
    if at > file.seek(0, os.SEEK_END):
        raise _breaks_off()
    return at


def _breaks_off() -> EOFError:
    return EOFError("it ends before its zstd frame does")
