"""One compressed stream and nothing beside it: every other byte around or in it is refused."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Callable

import pytest
import zstandard

from samego.errors import InputError
from samego.formats.archive.compression import DECODE_ERRORS
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.one_stream import Compression, open_one_stream

DATA = b"what is installed, " * 40 + bytes(range(256))
GZIP, XZ, ZSTD = Compression.GZIP, Compression.XZ, Compression.ZSTD
_LIMITS = ArchiveLimits(total_bytes=1 << 20)


def zstd(data: bytes, *, checksum: bool = True, size: bool = True) -> bytes:
    made = zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=size)
    return made.compress(data)


def skippable(data: bytes) -> bytes:
    """RFC 8878, 3.1.2."""
    return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


PACKED: dict[Compression, bytes] = {
    GZIP: gzip.compress(DATA, mtime=0),
    XZ: lzma.compress(DATA),
    ZSTD: zstd(DATA),
}


def unpack(data: bytes, compression: Compression) -> bytes:
    with open_one_stream(io.BytesIO(data), compression, name="a.tar", limits=_LIMITS) as stream:
        return stream.read()


def refused(data: bytes, compression: Compression) -> bool:
    try:
        unpack(data, compression)
    except (InputError, *DECODE_ERRORS):
        return True
    return False


@pytest.mark.parametrize("compression", PACKED)
def test_one_stream_is_read(compression: Compression) -> None:
    assert unpack(PACKED[compression], compression) == DATA


def test_what_a_name_calls_plain_is_taken_as_it_is() -> None:
    assert unpack(PACKED[GZIP], Compression.NONE) == PACKED[GZIP]


@pytest.mark.parametrize(
    "made",
    [
        zstd(DATA, checksum=False),
        zstd(DATA, size=False),
        zstd(b""),
        lzma.compress(DATA, check=lzma.CHECK_NONE),
        lzma.compress(DATA, check=lzma.CHECK_SHA256),
    ],
)
def test_other_forms_of_one_stream_are_read(made: bytes) -> None:
    compression = XZ if made.startswith(b"\xfd") else ZSTD
    assert unpack(made, compression) in {DATA, b""}


@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param(lambda data: data + b"\0", id="a zero behind it"),
        pytest.param(lambda data: data + bytes(4), id="padding behind it"),
        pytest.param(lambda data: data + b"evil", id="bytes behind it"),
        pytest.param(lambda data: data + data, id="twice"),
        pytest.param(lambda data: data + skippable(b"evil"), id="a frame to skip behind it"),
        pytest.param(lambda data: skippable(b"evil") + data, id="a frame to skip before it"),
        pytest.param(lambda data: b"\0" + data, id="a zero before it"),
        pytest.param(lambda data: data[:-1], id="without its last byte"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: data[:4], id="its magic alone"),
        pytest.param(lambda _data: b"", id="nothing"),
        pytest.param(lambda _data: DATA, id="not compressed"),
    ],
)
def test_anything_beside_it_is_refused(
    around: Callable[[bytes], bytes], compression: Compression
) -> None:
    with pytest.raises((InputError, *DECODE_ERRORS)):
        unpack(around(PACKED[compression]), compression)


@pytest.mark.parametrize("compression", PACKED)
def test_one_byte_of_it_changed_gives_no_other_data(compression: Compression) -> None:
    """Gzip's time, flags of speed and system act on nothing; all else is checked."""
    free = range(4, 10) if compression is GZIP else ()
    for at in range(len(PACKED[compression])):
        data = bytearray(PACKED[compression])
        data[at] ^= 1
        if at in free:
            assert unpack(bytes(data), compression) == DATA
            continue
        assert refused(bytes(data), compression), f"byte {at} counts for nothing"


@pytest.mark.parametrize("bit", range(8))
def test_optional_fields_of_gzip_are_refused(bit: int) -> None:
    data = bytearray(PACKED[GZIP])
    data[3] |= 1 << bit
    with pytest.raises(InputError):
        unpack(bytes(data), GZIP)


@pytest.mark.parametrize(
    "member", [b"", b"more"], ids=["an empty member behind it", "a member behind it"]
)
def test_a_second_member_of_gzip_is_refused(member: bytes) -> None:
    """dpkg-deb reads members one after the other, others the first alone."""
    with pytest.raises(InputError, match="more behind its gzip stream"):
        unpack(PACKED[GZIP] + gzip.compress(member), GZIP)


def test_two_frames_are_named_as_pzstd_writes_them() -> None:
    with pytest.raises(InputError, match="more than one zstd frame, as pzstd writes"):
        unpack(zstd(DATA[:500]) + zstd(DATA[500:]), ZSTD)


def test_a_frame_that_wants_a_dictionary_is_refused() -> None:
    words = zstandard.ZstdCompressionDict(DATA * 4, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    made = zstandard.ZstdCompressor(dict_data=words).compress(DATA)
    with pytest.raises((InputError, *DECODE_ERRORS)):
        unpack(made, ZSTD)
    named = bytearray(zstd(DATA))
    named[4] |= 1  # a dictionary's number of one byte: what follows moves
    with pytest.raises((InputError, *DECODE_ERRORS)):
        unpack(bytes(named[:5]) + b"\7" + bytes(named[5:]), ZSTD)


def test_a_frame_of_an_older_zstd_is_refused() -> None:
    """zstd 0.7 began with another magic number, which some decoders still know."""
    with pytest.raises(InputError, match="no zstd frame"):
        unpack(b"\x27" + PACKED[ZSTD][1:], ZSTD)


def test_another_size_in_the_frame_is_refused() -> None:
    data = bytearray(zstd(DATA))
    data[5] ^= 1
    with pytest.raises((InputError, *DECODE_ERRORS)):
        unpack(bytes(data), ZSTD)


def test_xz_of_several_blocks_is_one_stream() -> None:
    """As dpkg-deb writes it with several threads: the blocks are of one index."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0}]
    packer = lzma.LZMACompressor(filters=filters)
    made = packer.compress(DATA) + packer.flush()
    assert unpack(made, XZ) == DATA
    with pytest.raises((InputError, *DECODE_ERRORS)):
        unpack(made + made, XZ)


def test_more_than_the_limits_is_refused() -> None:
    small = ArchiveLimits(total_bytes=len(DATA) - 1)
    for compression, data in PACKED.items():
        with (
            pytest.raises(InputError, match="larger"),
            open_one_stream(io.BytesIO(data), compression, name="a.tar", limits=small) as stream,
        ):
            stream.read()
