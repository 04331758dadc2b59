from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from samego.model.inputs import Inputs
from samego.model.proof import Proof, Standing
from samego.rules.content.base import FormatError, Moment, dos_stamp
from samego.rules.content.gzip_equal import check_gzip, read_gzip
from samego.rules.content.listing import MemberChanges, changed_members
from samego.rules.content.png_equal import SIGNATURE, check_png
from samego.rules.content.zip_equal import check_zip
from samego.rules.content.zip_members import extra_fields, read_zip
from samego.rules.content_equal import ContentEqual
from samego.rules.strip_nondeterminism import StripNondeterminism
from support.rule_context import DATE_127, context, fixture, flipped, policy, prove
from support.words import cause_of

ZIPS = "src/archive/zip/testdata/"
PNGS = "src/image/png/testdata/"
DATE = 1_700_000_000


@pytest.fixture
def rule() -> Iterator[ContentEqual]:
    """The rule on a machine without Perl."""
    replayer = StripNondeterminism(perl="/nonexistent/perl")
    yield ContentEqual(replayer)
    replayer.close()


def pair(path: str) -> tuple[bytes, bytes]:
    return fixture("go1.27.3", "distro", path), fixture("go1.27.3", "upstream", path)


def archive(*members: tuple[str, bytes], comment: bytes = b"", date: int = 1980) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name, (date, 1, 1, 0, 0, 0)), data)
        file.comment = comment
    return out.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [
        struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", bytes(13)), *chunks, (b"IEND", b""))
    ]
    return SIGNATURE + b"".join(parts)


def ask(rule: ContentEqual, path: str, ours: bytes, theirs: bytes) -> Proof | None:
    frame = context({}, {}, policy("strip-nondeterminism"), Inputs(timestamp=DATE_127))
    return prove(rule, path, ours, theirs, frame)


@pytest.mark.parametrize(
    ("path", "unit", "count"),
    [
        (f"{ZIPS}test.zip", "members", 2),
        (f"{ZIPS}subdir.zip", "members", 3),
        (f"{ZIPS}time-infozip.zip", "members", 1),
        (f"{ZIPS}time-7zip.zip", "members", 1),
        (f"{ZIPS}time-go.zip", "members", 1),
        (f"{ZIPS}dd.zip", "members", 1),
        (f"{ZIPS}crc32-not-streamed.zip", "members", 2),
        (f"{PNGS}gray-gradient.interlaced.png", "chunks", 8),
        (f"{PNGS}pngsuite/basn3p04-31i.png", "chunks", 6),
    ],
)
def test_real_rewrites_have_equal_contents(
    rule: ContentEqual, path: str, unit: str, count: int
) -> None:
    proof = ask(rule, path, *pair(path))
    assert proof is not None
    assert proof.standing is Standing.EQUIVALENT
    assert cause_of(proof) == "contents equal; not replayed: perl is not installed"
    assert proof.details[unit] == count
    assert str(proof.details["claim"]).startswith("weaker")


@pytest.mark.parametrize(
    "path",
    [
        f"{ZIPS}test.zip",
        f"{ZIPS}subdir.zip",
        f"{ZIPS}time-7zip.zip",
        f"{ZIPS}dd.zip",
        f"{PNGS}gray-gradient.interlaced.png",
        f"{PNGS}pngsuite/basn3p04-31i.png",
    ],
)
def test_any_changed_byte_is_refused(rule: ContentEqual, path: str) -> None:
    ours, theirs = pair(path)
    accepted = [at for at in range(len(ours)) if ask(rule, path, flipped(ours, at), theirs)]
    assert accepted == []


@pytest.mark.parametrize("path", [f"{ZIPS}test.zip", f"{PNGS}gray-gradient.interlaced.png"])
def test_an_inserted_or_missing_byte_is_refused(rule: ContentEqual, path: str) -> None:
    ours, theirs = pair(path)
    for at in range(len(ours) + 1):
        assert ask(rule, path, ours[:at] + b"\0" + ours[at:], theirs) is None
        assert at == len(ours) or ask(rule, path, ours[:at] + ours[at + 1 :], theirs) is None


def test_a_link_that_became_a_file_is_refused(rule: ContentEqual) -> None:
    path = f"{ZIPS}symlink.zip"
    assert ask(rule, path, *pair(path)) is None


def test_only_files_that_a_tool_rewrites_are_judged(rule: ContentEqual) -> None:
    ours, theirs = pair(f"{ZIPS}test.zip")
    assert ask(rule, "x/left-alone.zip", ours, theirs) is None
    assert ask(rule, "x/test.txt", ours, theirs) is None
    assert prove(rule, "a.zip", ours, theirs, context({}, {}, policy())) is None


def test_an_unknown_date_is_said(rule: ContentEqual) -> None:
    ours, theirs = pair(f"{ZIPS}test.zip")
    frame = context({}, {}, policy("strip-nondeterminism"))
    proof = prove(rule, "a.zip", ours, theirs, frame)
    assert proof is not None
    assert proof.details["declared_in"] == "debian/rules"


def test_another_date_than_the_builds_is_refused() -> None:
    for path, check in (
        (f"{ZIPS}test.zip", check_zip),
        (f"{PNGS}gray-gradient.interlaced.png", check_png),
    ):
        ours, theirs = pair(path)
        check(ours, theirs, DATE_127)
        check(ours, theirs, None)
        with pytest.raises(FormatError):
            check(ours, theirs, DATE_127 + 2)


def test_stamps_must_be_one_moment_even_when_it_is_unknown() -> None:
    ours, theirs = pair(f"{ZIPS}test.zip")
    stamp = struct.pack("<L", DATE_127)
    assert ours.count(stamp) == 6
    with pytest.raises(FormatError):
        check_zip(ours.replace(stamp, struct.pack("<L", DATE_127 + 86400), 1), theirs, None)
    # The one member's extended time stamps agree with each other, not with its MS-DOS one.
    ours, theirs = pair(f"{ZIPS}time-infozip.zip")
    with pytest.raises(FormatError, match="one moment"):
        check_zip(ours.replace(stamp, struct.pack("<L", DATE_127 + 86400)), theirs, None)


@pytest.mark.parametrize(
    "ours",
    [
        archive(("a", b"x"), ("b", b"z")),
        archive(("a", b"x")),
        archive(("a", b"x"), ("b", b"y"), ("c", b"")),
        archive(("a", b"x"), ("B", b"y")),
        archive(("a", b"x"), ("b", b"y"), comment=b"!"),
        b"!" + archive(("a", b"x"), ("b", b"y")),
        archive(("a", b"x"), ("b", b"y")) + b"!",
        b"",
        b"PK\x05\x06",
    ],
    ids=[
        "other content",
        "member gone",
        "member added",
        "renamed",
        "comment",
        "prefix",
        "tail",
        "empty",
        "cut off",
    ],
)
def test_other_zip_contents_are_refused(ours: bytes) -> None:
    theirs = archive(("a", b"x"), ("b", b"y"))
    check_zip(archive(("b", b"y"), ("a", b"x"), date=1999), theirs, None)
    with pytest.raises(FormatError):
        check_zip(ours, theirs, None)


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = archive(("a", b"x"), ("a", b"x"))
    with pytest.raises(FormatError, match="one name"):
        check_zip(twice, twice, None)


def test_a_gap_between_members_is_refused() -> None:
    plain = archive(("a", b"x"), ("b", b"y"))
    second = plain.index(b"PK\x03\x04", 4)
    moved = bytearray(plain[:second] + b"gap!" + plain[second:])
    end = moved.rindex(b"PK\x05\x06")
    directory = struct.unpack_from("<L", moved, end + 16)[0] + 4
    struct.pack_into("<L", moved, end + 16, directory)
    header = moved.rindex(b"PK\x01\x02")
    struct.pack_into("<L", moved, header + 42, second + 4)
    with zipfile.ZipFile(io.BytesIO(bytes(moved))) as readable:
        assert readable.testzip() is None
    with pytest.raises(FormatError, match="between members"):
        read_zip(bytes(moved))


def test_unknown_extra_fields_are_refused_unless_upstream_has_them() -> None:
    out = []
    for extra in (b"", b"\xfe\xca\x01\x00a", b"\xfe\xca\x01\x00b"):
        buffer = io.BytesIO()
        info = zipfile.ZipInfo("a")
        info.extra = extra
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr(info, b"x")
        out.append(buffer.getvalue())
    none, a, b = out
    check_zip(a, a, None)
    for ours, theirs in ((a, none), (none, a), (b, a)):
        with pytest.raises(FormatError, match="extra field"):
            check_zip(ours, theirs, None)


@pytest.mark.parametrize("extra", [b"U", b"UT\x05\x00\x01", b"UT\x00"], ids=repr)
def test_extra_fields_that_are_cut_off(extra: bytes) -> None:
    with pytest.raises(FormatError, match="cut off"):
        extra_fields(extra)


def gz(content: bytes = b"contents" * 99, *, name: str = "f", mtime: int = 7) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=out, mtime=mtime) as file:
        file.write(content)
    return out.getvalue()


def test_gzip_without_name_and_with_the_builds_date() -> None:
    size = len(b"contents" * 99)
    assert check_gzip(gz(name="", mtime=DATE), gz(), DATE) == size
    assert check_gzip(gz(name="", mtime=0), gz(), None) == size
    assert check_gzip(gzip.compress(b"contents" * 99, 1, mtime=0), gz(), None) == size


@pytest.mark.parametrize(
    "ours",
    [
        gz(b"contents" * 98),
        gz() + gz(b""),
        gz() + b"\0",
        gz()[:-1],
        gz(mtime=8),
        gz(name="g"),
        gz()[:8] + b"\x01" + gz()[9:],
        gz()[:9] + b"\x80" + gz()[10:],
        gz()[:3] + b"\x28" + gz()[4:],
        gz()[:3] + b"\x09" + gz()[4:],
        gz()[:-8] + bytes(8),
        gz()[:5],
        b"\x1f\x8b\x08\x08" + bytes(6) + b"name",
    ],
    ids=[
        "content",
        "second member",
        "tail",
        "cut off",
        "date",
        "name",
        "xfl",
        "os",
        "reserved flag",
        "text flag",
        "trailer",
        "header",
        "name cut off",
    ],
)
def test_other_gzip_contents_are_refused(ours: bytes) -> None:
    with pytest.raises(FormatError):
        check_gzip(ours, gz(), DATE)


def test_gzip_header_fields() -> None:
    body = gz(name="")[10:]
    head = b"\x1f\x8b\x08" + bytes([2 | 4 | 16]) + bytes(6) + b"\x02\x00ab" + b"note\0"
    full = head + struct.pack("<H", zlib.crc32(head) & 0xFFFF) + body
    member = read_gzip(full)
    assert (member.extra, member.comment, member.name) == (b"ab", b"note", None)
    with pytest.raises(FormatError, match="header's fields"):
        check_gzip(gz(), full, None)
    with pytest.raises(FormatError, match="checksum"):
        read_gzip(full.replace(b"note", b"nota"))


TIME = (b"tIME", struct.pack(">HBBBBB", 2023, 11, 14, 22, 13, 20))
TEXT = (b"tEXt", b"date:create\x002023-11-14T22:13:20-00:00")
OLD = (b"tIME", struct.pack(">HBBBBB", 2001, 1, 1, 0, 0, 0))
OLD_TEXT = (b"iTXt", b"date:create\0whenever")


def test_png_dates_may_become_the_builds() -> None:
    assert check_png(png(TIME, TEXT), png(OLD, OLD_TEXT), DATE) == 4
    assert check_png(png(TIME, TEXT), png(OLD, OLD_TEXT), None) == 4


@pytest.mark.parametrize(
    "ours",
    [
        png(TIME, TEXT) + b"\0",
        png(TIME, TEXT, (b"prVt", b"")),
        png(TIME),
        png(TEXT, TIME),
        png((b"tIME", struct.pack(">HBBBBB", 2002, 1, 1, 0, 0, 0)), TEXT),
        png((b"tIME", b""), TEXT),
        png((b"tIME", struct.pack(">HBBBBB", 2023, 13, 14, 22, 13, 20)), TEXT),
        png(TIME, (b"tEXt", b"date:create\x002023-11-14T22:13:20-01:00")),
        png(TIME, (b"tEXt", b"date:modify\x002023-11-14T22:13:20-00:00")),
        png(TIME, (b"zTXt", b"date:create\x002023-11-14T22:13:20-00:00")),
        png(TIME, TEXT)[:-1],
        png(TIME, TEXT)[:-12],
        SIGNATURE + png(TIME, TEXT)[33:],
        b"",
    ],
    ids=[
        "after IEND",
        "chunk added",
        "chunk gone",
        "order",
        "other date",
        "no date",
        "month 13",
        "zone",
        "other key",
        "compressed",
        "cut off",
        "no IEND",
        "no IHDR",
        "empty",
    ],
)
def test_other_png_contents_are_refused(ours: bytes) -> None:
    with pytest.raises(FormatError):
        check_png(ours, png(OLD, OLD_TEXT), DATE)


def test_moments() -> None:
    assert dos_stamp(0) == -1
    assert dos_stamp(1 << 60) == -1
    assert dos_stamp(315532800) == (1 << 5 | 1) << 16
    unknown = Moment(None)
    assert unknown.accept(5)
    assert not unknown.accept(6)


def test_lost_members_are_named() -> None:
    before = archive(("a", b"x"), ("b", b"y"), ("c", b"z"), ("d", b""), ("e", b""))
    assert changed_members(
        archive(("a", b"x"), ("b", b"!"), ("c", b"z"), ("d", b""), ("f", b"")), before
    ) == MemberChanges(("e",), ("f",), ("b",))
    assert changed_members(archive(("a", b"x")), before) == (MemberChanges(("b", "c", "d"), more=1))
    assert changed_members(b"PK\x03\x04", before) == MemberChanges(
        unlisted="not a zip archive that can be listed"
    )
