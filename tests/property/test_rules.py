from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from samego.compare import where_archive, where_text
from samego.compare.consequences import find_consequences, zip_hash1
from samego.compare.pins import pin_files
from samego.rules.content.base import FormatError
from samego.rules.content.gzip_equal import check_gzip, read_gzip
from samego.rules.content.listing import list_zip
from samego.rules.content.png_equal import check_png, read_png
from samego.rules.content.zip_equal import check_zip
from samego.rules.content.zip_members import read_zip
from samego.rules.generated_settings import embedded
from samego.rules.goenv_policy import set_values
from samego.rules.patch_replay import words
from samego.words.failures import command, sentence
from support.archives import memory_tree, tar_bytes
from support.rule_context import DATE_127, fixture
from support.words import places_of

#: Machines that run the tests are shared; how long an example takes says nothing.
UNHURRIED = settings(deadline=None)

ZIP = "src/archive/zip/testdata/subdir.zip"
PNG = "src/image/png/testdata/gray-gradient.interlaced.png"
GZIP = (
    b"\x1f\x8b\x08\x08" + bytes(4) + b"\x02\x03name\0" + zlib.compress(b"x" * 99)[2:-4] + bytes(8)
)

SEEDS = [
    fixture("go1.27.3", "distro", ZIP),
    fixture("go1.27.3", "distro", PNG),
    GZIP,
    tar_bytes([("a", {}, b"x"), ("b", {}, b"")]),
    b"--- a/src/x\n+++ b/src/x\n@@ -1 +1 @@\n-a\n+b\n",
    b"# sums\nv1.0.0.zip " + b"0" * 64 + b" h1:" + b"A" * 43 + b"=\n",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A small real file with some bytes overwritten, cut out or put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        gone = draw(st.integers(0, 8))
        data[at : at + gone] = draw(st.binary(max_size=8))
    return bytes(data)


anything = st.one_of(damaged(), st.binary(max_size=300))


def refusal(read: Callable[[bytes], object], data: bytes) -> str:
    """What a reader says of bytes that it refuses; "read" of others. Nothing else may be raised."""
    try:
        read(data)
    except (FormatError, ValueError) as error:
        return str(error)
    return "read"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@UNHURRIED
@given(anything)
def test_strict_readers_read_or_refuse(data: bytes) -> None:
    for read in (read_zip, read_gzip, read_png, list_zip, words):
        assert refusal(read, data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@UNHURRIED
@given(anything, anything)
def test_where_says_something_of_any_two_files(distro: bytes, upstream: bytes) -> None:
    for found in (where_archive.where(distro, upstream), where_text.where(distro, upstream)):
        text = places_of(found)
        assert text
        assert text.replace("\n", "").replace("\t", "").isprintable()


@UNHURRIED
@given(damaged())
def test_only_the_file_itself_has_its_contents(data: bytes) -> None:
    for path, check in ((ZIP, check_zip), (PNG, check_png)):
        ours, theirs = (fixture("go1.27.3", side, path) for side in ("distro", "upstream"))
        assume(data not in (ours, theirs))
        with pytest.raises(FormatError):
            check(data, theirs, DATE_127)


@UNHURRIED
@given(st.binary(max_size=200), st.integers(0, 9), st.integers(0, 9))
def test_gzip_contents_are_equal_whatever_the_level(data: bytes, mine: int, other: int) -> None:
    def packed(content: bytes, level: int) -> bytes:
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = deflate.compress(content) + deflate.flush()
        trailer = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
        return b"\x1f\x8b\x08" + bytes(6) + b"\x03" + body + trailer

    assert check_gzip(packed(data, mine), packed(data, other), None) == len(data)
    with pytest.raises(FormatError):
        check_gzip(packed(data + b"!", mine), packed(data, other), None)


@UNHURRIED
@given(st.lists(st.tuples(st.text("abc/", min_size=1), st.binary(max_size=20)), max_size=5))
def test_zip_members_in_any_order(members: list[tuple[str, bytes]]) -> None:
    unique = list(dict(members).items())

    def archive(items: list[tuple[str, bytes]], year: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in items:
                file.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), data)
        return out.getvalue()

    upstream = archive(unique, 1980)
    assert check_zip(archive(unique[::-1], 2020), upstream, None) == len(unique)
    for index, (name, data) in enumerate(unique):
        changed = [*unique[:index], (name, data + b"!"), *unique[index + 1 :]]
        with pytest.raises(FormatError):
            check_zip(archive(changed, 1980), upstream, None)


@UNHURRIED
@given(anything, anything)
def test_consequences_are_total(pins: bytes, pinned: bytes) -> None:
    row = pin_files()[0]
    files = {row.pinned_in: pins, "lib/fips140/v1.0.0.zip": pinned}
    other = {**files, "lib/fips140/v1.0.0.zip": b""}
    for items in find_consequences(memory_tree(files), memory_tree(other)).values():
        assert all(sentence(item).isprintable() and command(item, "") for item in items)
    assert zip_hash1(pinned).startswith(("h1:", "none ("))


@UNHURRIED
@given(st.binary(max_size=200))
def test_settings_are_read_of_any_bytes(data: bytes) -> None:
    assert all(embedded(data))


@UNHURRIED
@given(st.binary(max_size=100), st.dictionaries(st.text(max_size=4), st.text(max_size=8)))
def test_values_never_add_lines(data: bytes, values: dict[str, str]) -> None:
    result, _changed = set_values(data, values)
    assert result.count(b"\n") == data.count(b"\n")


def test_the_seeds_are_what_they_claim() -> None:
    assert read_zip(SEEDS[0]).members
    assert read_png(SEEDS[1])
    with tarfile.open(fileobj=io.BytesIO(SEEDS[3])) as archive:
        assert archive.getnames() == ["a", "b"]
    assert "src/x" in words(SEEDS[4])
