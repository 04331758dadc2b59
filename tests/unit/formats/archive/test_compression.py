"""Compressed streams that end where they should, and those that break off."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Callable

import pytest
import zstandard

from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS

# Two bytes that come again and again make one large block of a few bytes.
PLAIN = b"go" * 100_000 + bytes(range(256)) * 10
SKIPPED = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"xyz"


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=False).compress(data)


def read(data: bytes) -> bytes:
    with open_decompressed(io.BytesIO(data), name="t", limits=DEFAULT_LIMITS) as stream:
        return stream.read()


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstd])
def test_what_breaks_off_anywhere_is_an_error(compress: Callable[[bytes], bytes]) -> None:
    packed = compress(PLAIN)
    assert read(packed) == PLAIN
    for size in range(6, len(packed)):
        with pytest.raises(DECODE_ERRORS):
            read(packed[:size])


@pytest.mark.parametrize("checksum", [True, False])
@pytest.mark.parametrize("size", [0, 1, 1 << 17, (1 << 17) + 1])
def test_whole_frames_of_zstd_are_read(size: int, checksum: bool) -> None:  # noqa: FBT001 - a case
    frame = zstandard.ZstdCompressor(write_checksum=checksum).compress(bytes(size))
    assert read(frame) == bytes(size)
    assert read(frame + frame) == bytes(2 * size)
    assert read(frame + SKIPPED + frame) == bytes(2 * size)


@pytest.mark.parametrize(
    "rest", [SKIPPED[:6], SKIPPED[:-1], zstd(PLAIN)[:5], zstd(PLAIN)[:-1], b"\x28\xb5\x2f\xfd"]
)
def test_a_second_frame_that_breaks_off_is_an_error(rest: bytes) -> None:
    with pytest.raises(DECODE_ERRORS):
        read(zstd(PLAIN) + rest)
