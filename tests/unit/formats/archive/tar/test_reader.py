from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Iterator

import pytest
import zstandard

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import find_in_tar, indexed_tar, read_tar
from samego.model.tree import Kind, Tree
from support.archives import Member, stream_of, tar_bytes

GOOD: list[Member] = [
    ("./", {"type": tarfile.DIRTYPE, "mode": 0o755}, b""),
    ("./usr", {"type": tarfile.DIRTYPE, "mode": 0o755}, b""),
    ("./usr/a", {"mode": 0o4755}, b"alpha"),
    ("./usr/b", {}, b"beta"),
    ("./usr/link", {"type": tarfile.SYMTYPE, "linkname": "../etc"}, b""),
    ("./usr/hard", {"type": tarfile.LNKTYPE, "linkname": "./usr/a"}, b""),
]


@pytest.fixture
def spool() -> Iterator[Spool]:
    made = Spool()
    yield made
    made.close()


def read(data: bytes, spool: Spool, **options: object) -> Tree:
    return read_tar(stream_of(data), name="test.tar", spool=spool, **options)  # type: ignore[arg-type]  # test options


@pytest.mark.parametrize(
    "compress",
    [
        pytest.param(lambda data: data, id="plain"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lzma.compress, id="xz"),
        pytest.param(zstandard.ZstdCompressor().compress, id="zstd"),
    ],
)
def test_one_pass_gives_every_entry(compress: object, spool: Spool) -> None:
    assert callable(compress)
    tree = read(compress(tar_bytes(GOOD)), spool)
    assert list(tree) == ["usr", "usr/a", "usr/b", "usr/link", "usr/hard"]
    assert tree["usr/a"].mode == 0o4755
    assert tree["usr/a"].sha256 == hashlib.sha256(b"alpha").hexdigest()
    assert tree["usr/link"].kind is Kind.LINK
    assert tree["usr/link"].link == "../etc"
    assert tree["usr/hard"].sha256 == tree["usr/a"].sha256
    assert tree.read("usr/hard") == b"alpha"


def test_known_files_are_read_again_only_when_asked_for(spool: Spool) -> None:
    known = {hashlib.sha256(b"alpha").hexdigest()}
    tree = read(tar_bytes(GOOD), spool, known=known)
    assert "test.tar:usr/a" not in spool
    assert "test.tar:usr/b" in spool
    assert tree.read("usr/a") == b"alpha"


def test_an_indexed_archive_gives_its_bytes(spool: Spool) -> None:
    data = tar_bytes([("go/VERSION", {}, b"go1.24.4\n")])
    first = read(data, spool, strip="go/")
    other = Spool()
    tree = indexed_tar(stream_of(data), dict(first), name="again", spool=other, strip="go/")
    assert tree.read("VERSION") == b"go1.24.4\n"
    other.close()


def test_find_stops_at_the_first_match() -> None:
    data = tar_bytes([("a/VERSION", {}, b"one"), ("b", {}, b"two")], end=b"junk that is not read")
    assert find_in_tar(stream_of(data), lambda path: path.endswith("VERSION"), name="t") == (
        "a/VERSION",
        b"one",
    )


HOSTILE = {
    "climbing": [("../evil", {}, b"x")],
    "climbing inside": [("a/../../evil", {}, b"x")],
    "absolute": [("/etc/passwd", {}, b"x")],
    "empty part": [("a//b", {}, b"x")],
    "backslash": [("a\\b", {}, b"x")],
    "duplicate": [("a", {}, b"x"), ("./a", {}, b"y")],
    "device": [("dev", {"type": tarfile.CHRTYPE}, b"")],
    "pipe": [("fifo", {"type": tarfile.FIFOTYPE}, b"")],
    "hard link to nothing": [("h", {"type": tarfile.LNKTYPE, "linkname": "nothing"}, b"")],
    "file below a file": [("a", {}, b"x"), ("a/b", {}, b"y")],
    "file below a link": [("a", {"type": tarfile.SYMTYPE, "linkname": "b"}, b""), ("a/c", {}, b"")],
    "long name": [("n" * 2000, {}, b"x")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_members_are_refused(members: list[Member], spool: Spool) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, fields, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(data))
    with pytest.raises(HostileArchiveError):
        read(out.getvalue(), spool)


def test_data_after_the_end_is_refused(spool: Spool) -> None:
    data = tar_bytes(GOOD) + b"\0" * 512 + b"hidden"
    with pytest.raises(HostileArchiveError, match="after the end"):
        read(data, spool)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(tar_bytes(GOOD, end=b""), "without its end", id="no end"),
        pytest.param(tar_bytes(GOOD)[:2000], "without its end|truncated", id="in a member"),
        pytest.param(gzip.compress(tar_bytes(GOOD))[:60], "truncated", id="in the gzip stream"),
        pytest.param(lzma.compress(tar_bytes(GOOD))[:60], "truncated", id="in the xz stream"),
        pytest.param(b"not a tar at all" * 64, "bad number|bad header", id="no tar"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(
            tar_bytes(GOOD[:3], end=b"\1" * 512 + b"\0" * 1024), "bad number", id="bad header"
        ),
    ],
)
def test_damage_is_an_input_error(data: bytes, what: str, spool: Spool) -> None:
    with pytest.raises(InputError, match=what):
        read(data, spool)


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        pytest.param(ArchiveLimits(total_bytes=1000), gzip.compress(tar_bytes(GOOD)), id="a bomb"),
        pytest.param(ArchiveLimits(entries=2), tar_bytes(GOOD), id="many members"),
        pytest.param(ArchiveLimits(file_bytes=4), tar_bytes(GOOD), id="a large file"),
    ],
)
def test_limits_hold(limits: ArchiveLimits, data: bytes, spool: Spool) -> None:
    stream = stream_of(data, limits=limits)
    with pytest.raises(HostileArchiveError, match="larger than any Go toolchain"):
        read_tar(stream, name="test.tar", spool=spool, limits=limits)


def test_a_long_name_header_of_a_gigabyte_is_refused(spool: Spool) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    data = info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096
    with pytest.raises(InputError, match="extended header"):
        read(data, spool)


def test_a_member_outside_the_stripped_directory_is_refused(spool: Spool) -> None:
    with pytest.raises(InputError, match="outside go/"):
        read(tar_bytes([("other/file", {}, b"x")]), spool, strip="go/")
