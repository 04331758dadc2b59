from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

import pytest

from samego.compare import where_archive
from support.archives import tar_bytes
from support.rule_context import fixture
from support.words import places_of


def where(distro: bytes, upstream: bytes) -> str:
    return places_of(where_archive.where(distro, upstream))


def archive(*members: tuple[str, str], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data)
        file.comment = comment
    return out.getvalue()


A, B = ("a", "x"), ("b", "y")
PICTURE = fixture("go1.27.3", "upstream", "src/image/png/testdata/gray-gradient.interlaced.png")
REWRITTEN = fixture("go1.27.3", "distro", "src/image/png/testdata/gray-gradient.interlaced.png")
ZIPS = {
    side: fixture("go1.27.3", side, "src/archive/zip/testdata/test.zip")
    for side in ("distro", "upstream")
}


@pytest.mark.parametrize(
    ("distro", "upstream", "expected"),
    [
        (
            archive(("a", "z"), ("c", "")),
            archive(A, B),
            "member 'a' differs; member 'b' is missing; member 'c' is added",
        ),
        (
            archive(B, A, comment=b"!"),
            archive(A, B),
            (
                "the members' names, sizes and checksums agree; the archive's comment differs;"
                " in another order"
            ),
        ),
        (
            ZIPS["distro"],
            ZIPS["upstream"],
            (
                "the members' names, sizes and checksums agree; in another order; time stamps of 2"
                " members; local extra fields of 2 members; central extra fields of 2 members"
            ),
        ),
        (
            archive(A) + b"tail",
            archive(A),
            (
                "the members' names, sizes and checksums agree; the package's file has more than"
                " its members (no end record at the end)"
            ),
        ),
        (
            archive(A),
            b"PK" + archive(A),
            (
                "the members' names, sizes and checksums agree; upstream's file has more than its"
                " members (the end record does not fit the directory)"
            ),
        ),
        (
            archive(),
            PICTURE,
            "not archives of one kind (22 bytes, upstream 247)",
        ),
        (
            gzip.compress(b"one\n", mtime=1),
            gzip.compress(b"two\n", mtime=2),
            (
                "mtime 1, upstream 2; contents: from line 1 on: 1 line, where upstream has 1 line\n"
                "@@ -1 +1 @@\n-two\n+one"
            ),
        ),
        (
            gzip.compress(bytes(999), 9, mtime=0)[:8] + b"\0" + gzip.compress(bytes(999), 9)[9:],
            gzip.compress(bytes(999), 9, mtime=0)[:8] + b"\0" + gzip.compress(bytes(999), 0)[9:],
            "compressed differently",
        ),
        (
            gzip.compress(b"") * 2,
            gzip.compress(b""),
            "more or less than one member (40 bytes, upstream 20)",
        ),
        (REWRITTEN, PICTURE, "chunk 5 (tEXt); chunk 6 (tEXt)"),
        (
            PICTURE + b"!",
            PICTURE,
            "bytes after IEND, or no IHDR (248 bytes, upstream 247)",
        ),
        (
            tar_bytes([("a", {}, b"x"), ("b", {}, b"")]),
            tar_bytes([("a", {}, b"y"), ("c", {}, b"")]),
            "member 'a' differs; member 'c' is missing; member 'b' is added",
        ),
        (
            tar_bytes([("a", {"mtime": 1}, b"x")]),
            tar_bytes([("a", {}, b"x")]),
            "the members agree; headers or order differ",
        ),
        (b"text", b"other", "not archives of one kind (4 bytes, upstream 5)"),
        (b"PK", archive(A), "not a zip archive that can be listed (2 bytes, upstream 101)"),
    ],
    ids=[
        "zip members",
        "zip order",
        "zip stamps",
        "zip tail",
        "zip upstream odd",
        "kinds",
        "gzip",
        "gzip level",
        "gzip members",
        "png",
        "png tail",
        "tar",
        "tar headers",
        "text",
        "broken",
    ],
)
def test_what_is_said(distro: bytes, upstream: bytes, expected: str) -> None:
    assert where(distro, upstream) == expected


def test_many_members_are_counted() -> None:
    told = where(archive(*((str(number), "") for number in range(9))), archive(("x", "")))
    assert told.endswith("member '4' is added; 4 more")


def test_two_members_of_one_name() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = archive(A, A)
    assert where(twice, archive(A)) == "different numbers of members with one name"


def test_names_are_escaped() -> None:
    assert where(archive(("\x1b[2J", "")), archive(A)).isprintable()


def test_a_picture_with_one_more_chunk_says_so() -> None:
    body = b"tEXtComment\0added"
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    longer = PICTURE[:-12] + chunk + PICTURE[-12:]
    count = where(longer, PICTURE).partition(" chunks")[0]
    assert where(longer, PICTURE) == (
        f"{count} chunks, upstream {int(count) - 1}; chunk {int(count) - 2} (tEXt), upstream IEND"
    )
