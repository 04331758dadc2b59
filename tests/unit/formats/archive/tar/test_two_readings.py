"""Headers that the installer takes for something else than another reader: each is refused.

A small archive is written by the distro's own writer, or in its form; then one thing is put
into a header, and the checksum is set right again.
"""

from __future__ import annotations

import io
import tarfile
import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from forge.tape import BLOCK, Member, gnu_long, pax, pax_record, read_tape, write_tape
from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.bsdtar import BSDTAR
from samego.formats.archive.tar.gnu import DPKG_DEB
from samego.formats.archive.tar.reader import read_tar
from support.arch_packages import tar as arch_tar
from support.debian_packages import tar as debian_tar

_FILE, _LINK, _FOLDER = "usr/bin/go", "usr/bin/gofmt", "usr/bin"
_CONTENT: dict[str, bytes | str | None] = {
    "usr": None,
    _FOLDER: None,
    _FILE: b"go\n",
    _LINK: "/usr/lib/go/bin/gofmt",
}
#: A writer's archive, and the form in which it is read.
_WRITERS: dict[str, tuple[bytes, Any]] = {
    "debian": (debian_tar(_CONTENT), DPKG_DEB),
    "arch": (arch_tar(_CONTENT), BSDTAR),
}


def read(tar: bytes, form: Any) -> list[str]:  # noqa: ANN401 - one of two classes
    spool = Spool()
    try:
        return list(read_tar(lambda: io.BytesIO(tar), name="p", spool=spool, form=form))
    finally:
        spool.close()


def changed(writer: str, path: str, change: Any) -> bytes:  # noqa: ANN401 - a function of a member
    members, end = read_tape(_WRITERS[writer][0])
    return write_tape([change(m) if m.path == path else m for m in members], end)


@pytest.mark.parametrize("writer", _WRITERS)
def test_what_the_writer_wrote_is_read(writer: str) -> None:
    tar, form = _WRITERS[writer]
    assert read(tar, form) == list(_CONTENT)


def _extended(*headers: Any) -> Any:  # noqa: ANN401 - functions of a member
    return lambda m: m.with_extension(b"".join(header(m) for header in headers))


def _record(key: str, value: bytes, flag: bytes = b"x") -> Any:  # noqa: ANN401 - a function of a member
    return lambda m: pax(pax_record(key, value), m, flag)


def _long(flag: bytes, value: str) -> Any:  # noqa: ANN401 - a function of a member
    return lambda m: gnu_long(flag, value, m)


def _hidden(member: Member) -> Member:
    """A size on what has no data: the block behind it is its data, or another member."""
    inner = replace(member, path="evil").put("name", b"etc/evil")
    return replace(member.put("size", b"00000001000"), data=inner.head[-BLOCK:])


_CASES: dict[str, tuple[str, Any]] = {
    "a pax path and GNU's long name": (
        _FILE,
        _extended(_record("path", b"usr/bin/go"), _long(b"L", "./etc/evil")),
    ),
    "GNU's long name and a pax path": (
        _FILE,
        _extended(_long(b"L", "./etc/evil"), _record("path", b"usr/bin/go")),
    ),
    "ustar of another version with a prefix": (
        _FILE,
        lambda m: m.put("magic", b"ustar\0").put("version", b"99").put("prefix", b"etc"),
    ),
    "GNU's magic with a prefix": (
        _FILE,
        lambda m: m.put("magic", b"ustar ").put("version", b" \0").put("prefix", b"etc"),
    ),
    "no magic": (_FILE, lambda m: m.put("magic", b"").put("version", b"")),
    "a size on a link": (_LINK, _hidden),
    "a size on a directory": (_FOLDER, _hidden),
    "a pax size": (_FILE, _extended(_record("size", b"0"))),
    "a pax owner": (_FILE, _extended(_record("uid", b"1000"))),
    "a pax target on a file": (_FILE, _extended(_record("linkpath", b"/etc/passwd"))),
    "a pax time with a fraction": (_FILE, _extended(_record("mtime", b"1.5"))),
    "a negative pax time": (_FILE, _extended(_record("mtime", b"-1"))),
    "a character set": (_FILE, _extended(_record("hdrcharset", b"BINARY"))),
    "a comment": (_FILE, _extended(_record("comment", b"x"))),
    "an unknown key": (_FILE, _extended(_record("EVIL.key", b"x"))),
    "one of two ways to write an attribute": (
        _FILE,
        _extended(_record("SCHILY.xattr.user.a", b"1")),
    ),
    "an access list": (_FILE, _extended(_record("SCHILY.acl.access", b"user::rwx"))),
    "file flags": (_FILE, _extended(_record("SCHILY.fflags", b"immutable"))),
    "a header for all": (_FILE, _extended(_record("uid", b"1000", b"g"))),
    "a comment for all": (_FILE, _extended(_record("comment", b"x", b"g"))),
    "a header for all without a record": (_FILE, _extended(lambda m: pax(b"", m, b"g"))),
    "sparse by pax": (_FILE, _extended(_record("GNU.sparse.major", b"1"))),
    "sparse by its flag": (_FILE, lambda m: m.put("typeflag", b"S")),
    "a volume's name": (_FILE, lambda m: m.put("typeflag", b"V")),
    "a part of another volume": (_FILE, lambda m: m.put("typeflag", b"M")),
    "a directory with a list": (_FOLDER, lambda m: m.put("typeflag", b"D")),
    "a contiguous file": (_FILE, lambda m: m.put("typeflag", b"7")),
    "an old file": (_FILE, lambda m: m.put("typeflag", b"\0")),
    "an unknown flag": (_FILE, lambda m: m.put("typeflag", b"Z")),
    "Solaris' extended header": (_FILE, lambda m: m.put("typeflag", b"X")),
    "a device": (_FILE, lambda m: m.put("typeflag", b"3")),
    "a pipe": (_FILE, lambda m: m.put("typeflag", b"6")),
    "a hard link to nothing": (
        _FILE,
        lambda m: m.with_data(b"").put("typeflag", b"1").put("linkname", b"usr/bin/x"),
    ),
    "a hard link to a link behind it": (
        _FILE,
        lambda m: m.with_data(b"").put("typeflag", b"1").put("linkname", _LINK.encode()),
    ),
    "a hard link that climbs": (
        _FILE,
        lambda m: m.with_data(b"").put("typeflag", b"1").put("linkname", b"../etc/passwd"),
    ),
    "an owner by another name": (_FILE, lambda m: m.put("uname", b"daemon")),
    "a group by another name": (_FILE, lambda m: m.put("gname", b"daemon")),
    "root with another number": (_FILE, lambda m: m.number("uid", 1000)),
    "bytes behind a name": (_FILE, lambda m: m.put("name", m.raw("name").rstrip(b"\0") + b"\0x")),
    "bytes behind the last field": (_FILE, lambda m: m.put("unused", b"evil")),
    "a name in capitals that climbs": (_FILE, lambda m: m.put("name", b"./USR/../etc/x")),
    "a double slash": (_FILE, lambda m: m.put("name", b"./usr//bin/go")),
    "an absolute name": (_FILE, lambda m: m.put("name", b"/usr/bin/go")),
    "a file named as a directory": (_FILE, lambda m: m.put("name", b"./usr/bin/go/")),
    "a directory named as a file": (
        _FOLDER,
        lambda m: m.put("name", m.raw("name").rstrip(b"\0").rstrip(b"/")),
    ),
    "the mode in base 256": (_FILE, lambda m: m.put("mode", b"\x80\0\0\0\0\0\x01\xa4")),
    "a negative owner": (_FILE, lambda m: m.put("uid", b"\xff" * 8)),
    "a negative time": (_FILE, lambda m: m.put("mtime", b"\xff" * 12)),
    "the file's type in the mode": (_FILE, lambda m: m.put("mode", b"100644 \0")),
    "another form of the checksum": (
        _FILE,
        lambda m: m.put("chksum", b"0" + m.raw("chksum")[:6] + b"\0", checksum=False),
    ),
    "a device's number on a file": (_FILE, lambda m: m.put("devmajor", b"0000001")),
    "something in the padding": (_FILE, lambda m: replace(m, padding=b"x" * 509)),
}


@pytest.mark.parametrize("writer", _WRITERS)
@pytest.mark.parametrize("case", _CASES)
def test_a_header_with_two_readings_is_refused(case: str, writer: str) -> None:
    path, change = _CASES[case]
    tar = changed(writer, path, change)
    assert tar != _WRITERS[writer][0]
    with pytest.raises(InputError, match=r"^p "):
        read(tar, _WRITERS[writer][1])


@pytest.mark.parametrize("writer", _WRITERS)
@pytest.mark.parametrize(
    "more",
    [b"\0" * 512, b"\0" * 10240, b"x", b"evil".ljust(512, b"\0"), None],
    ids=["a block", "a record", "a byte", "a header", "half of the end"],
)
def test_another_end_is_refused(more: bytes | None, writer: str) -> None:
    tar, form = _WRITERS[writer]
    with pytest.raises(InputError):
        read(tar[:-512] if more is None else tar + more, form)


@pytest.mark.parametrize("writer", _WRITERS)
def test_the_same_name_twice_is_refused(writer: str) -> None:
    tar, form = _WRITERS[writer]
    members, end = read_tape(tar)
    with pytest.raises(InputError, match="twice"):
        read(write_tape([*members, next(m for m in members if m.path == _FILE)], end), form)


@pytest.mark.parametrize("writer", _WRITERS)
def test_a_directory_behind_what_is_in_it_is_refused(writer: str) -> None:
    """pacman takes a directory that is there already as it is, whatever its header says."""
    tar, form = _WRITERS[writer]
    members, end = read_tape(tar)
    folder = next(m for m in members if m.path == _FOLDER)
    others = [m for m in members if m.path != _FOLDER]
    with pytest.raises(InputError, match="behind what lies in it"):
        read(write_tape([*others, folder], end), form)


def test_letters_and_accents_apart_are_refused_where_libarchive_joins_them() -> None:
    name = unicodedata.normalize("NFD", "usr/bin/é")
    with pytest.raises(InputError, match="compose them"):
        read(changed("arch", _FILE, _extended(_record("path", name.encode()))), BSDTAR)
    assert name in read(debian_tar({"usr": None, _FOLDER: None, name: b"x"}), DPKG_DEB)


def test_the_forms_are_not_each_others() -> None:
    for writer, other in (("debian", BSDTAR), ("arch", DPKG_DEB)):
        with pytest.raises(InputError):
            read(_WRITERS[writer][0], other)
    info = tarfile.TarInfo("usr")
    with pytest.raises(InputError):
        read(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024), BSDTAR)
