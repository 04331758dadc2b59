from __future__ import annotations

import io
import tarfile

import pytest

from samego.formats.archive.tar.header import TarError
from samego.formats.archive.tar.members import (
    DIRECTORY,
    HARD_LINK,
    REGULAR,
    SYMBOLIC_LINK,
    TarMember,
    read_data,
    read_members,
)

LONG = "d/" * 80 + "file"


def archive(tar_format: int, **fields: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as tar:
        info = tarfile.TarInfo("name")
        info.size, info.mode, info.uid = 4, 0o4755, 5
        for field, value in fields.items():
            setattr(info, field, value)
        tar.addfile(info, io.BytesIO(b"data"))
    return out.getvalue()


def members(data: bytes) -> list[TarMember]:
    stream = io.BufferedReader(io.BytesIO(data))
    found = []
    for member in read_members(stream):
        read_data(stream, member.size)
        found.append(member)
    return found


@pytest.mark.parametrize(
    "tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, TarMember("name", REGULAR, 0o4755, (5, 0), 4, "")),
        ({"name": LONG}, TarMember(LONG, REGULAR, 0o4755, (5, 0), 4, "")),
        ({"name": "caf\xe9"}, TarMember("caf\xe9", REGULAR, 0o4755, (5, 0), 4, "")),
        (
            {"type": tarfile.SYMTYPE, "linkname": "../x", "size": 0},
            TarMember("name", SYMBOLIC_LINK, 0o4755, (5, 0), 0, "../x"),
        ),
        (
            {"type": tarfile.LNKTYPE, "linkname": "x", "size": 0},
            TarMember("name", HARD_LINK, 0o4755, (5, 0), 0, "x"),
        ),
        (
            {"type": tarfile.DIRTYPE, "size": 0},
            TarMember("name/", DIRECTORY, 0o4755, (5, 0), 0, ""),
        ),
        (
            {"type": tarfile.AREGTYPE, "name": "old/", "size": 0},
            TarMember("old/", DIRECTORY, 0o4755, (5, 0), 0, ""),
        ),
    ],
)
def test_every_format_is_read(
    tar_format: int, fields: dict[str, object], expected: TarMember
) -> None:
    assert members(archive(tar_format, **fields)) == [expected]


def test_long_links_and_large_owners_are_read() -> None:
    data = archive(tarfile.GNU_FORMAT, type=tarfile.SYMTYPE, linkname=LONG, uid=1 << 30, size=0)
    assert members(data) == [TarMember("name", SYMBOLIC_LINK, 0o4755, (1 << 30, 0), 0, LONG)]
    data = archive(tarfile.PAX_FORMAT, type=tarfile.SYMTYPE, linkname=LONG, uid=1 << 30, size=0)
    assert members(data) == [TarMember("name", SYMBOLIC_LINK, 0o4755, (1 << 30, 0), 0, LONG)]


@pytest.mark.parametrize("position", [0, 50, 101, 124, 148, 156, 257, 263, 345, 511])
def test_one_changed_byte_of_a_header_is_found(position: int) -> None:
    data = bytearray(archive(tarfile.GNU_FORMAT))
    data[position] ^= 1
    with pytest.raises(TarError):
        members(bytes(data))


def pax(*records: bytes, flag: bytes = tarfile.XHDTYPE) -> bytes:
    body = b"".join(records)
    info = tarfile.TarInfo("pax")
    info.type, info.size = flag, len(body)
    padded = body + b"\0" * (-len(body) % 512)
    return info.tobuf(tarfile.USTAR_FORMAT) + padded + archive(tarfile.GNU_FORMAT)


def record(text: bytes) -> bytes:
    size = len(text) + 2
    while len(str(size)) + len(text) + 2 != size:
        size += 1
    return b"%d %s\n" % (size, text)


def test_pax_records_override_the_header() -> None:
    (member,) = members(pax(record(b"path=other"), record(b"mtime=1.5"), record(b"gid=7")))
    assert (member.name, member.owner) == ("other", (5, 7))


def test_a_global_header_may_comment() -> None:
    (member,) = members(pax(record(b"comment=x"), flag=tarfile.XGLTYPE))
    assert member.name == "name"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(pax(b"x path=a\n"), "bad extended header", id="no length"),
        pytest.param(pax(b"12 path\n"), "bad extended header", id="no value"),
        pytest.param(pax(b"900 path=a\n"), "bad extended header", id="long length"),
        pytest.param(pax(record(b"size=x")), "bad number", id="no number"),
        pytest.param(pax(record(b"size=-1")), "bad number", id="a negative size"),
        pytest.param(pax(record(b"GNU.sparse.major=1")), "sparse", id="sparse"),
        pytest.param(
            pax(record(b"path=a"), flag=tarfile.XGLTYPE), "sets 'path'", id="a global path"
        ),
        pytest.param(
            pax(record(b"path=a"))[:1024] + b"\0" * 1024, "without a member", id="no member"
        ),
        pytest.param(archive(tarfile.GNU_FORMAT)[:514], "truncated", id="data breaks off"),
        pytest.param(archive(tarfile.GNU_FORMAT)[:700], "truncated", id="padding breaks off"),
        pytest.param(archive(tarfile.GNU_FORMAT)[:1024], "without its end", id="no end"),
        pytest.param(b"", "an empty file", id="empty file"),
        pytest.param(b"\0" * 1024, "an empty archive", id="empty archive"),
    ],
)
def test_anything_else_is_an_error(data: bytes, what: str) -> None:
    with pytest.raises(TarError, match=what):
        members(data)


def test_a_negative_number_in_base_256_is_refused() -> None:
    data = bytearray(archive(tarfile.GNU_FORMAT))
    data[108:116] = b"\xff" * 8
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    with pytest.raises(TarError, match="negative"):
        members(bytes(data))


@pytest.mark.parametrize("position", [345, 357, 482, 495, 511])
def test_what_only_some_readers_take_for_a_part_of_the_name_is_refused(position: int) -> None:
    data = bytearray(archive(tarfile.GNU_FORMAT))
    data[position] = ord("x")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    with pytest.raises(TarError, match="header fields that its type"):
        members(bytes(data))
