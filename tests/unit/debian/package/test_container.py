"""The container of a .deb: a byte of it that is not as dpkg-deb writes it is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from samego.errors import InputError
from samego_debian.package.container import Container, read_container
from support.debian_packages import ar

_MEMBERS = [("debian-binary", b"2.0\n"), ("control.tar.gz", b"control"), ("data.tar.xz", b"data!")]
_MAGIC, _HEADER = 8, 60
#: Where the first two fields of a header lie.
_NAME, _TIME = range(16), range(16, 28)


def read(path: Path, data: bytes) -> Container:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return read_container(descriptor, "p.deb")
    finally:
        os.close(descriptor)


def refused(path: Path, data: bytes) -> bool:
    try:
        read(path, data)
    except InputError as error:
        return "p.deb" in error.message
    return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "p.deb"


def _headers(data: bytes) -> list[int]:
    """Where the headers lie."""
    found, at = [], _MAGIC
    while at < len(data):
        found.append(at)
        size = int(data[at + 48 : at + 58])
        at += _HEADER + size + size % 2
    return found


def test_the_two_archives_are_found(path: Path) -> None:
    found = read(path, ar(_MEMBERS))
    assert (found.control.name, found.data.name) == ("control.tar.gz", "data.tar.xz")
    assert (found.control.size, found.data.size) == (7, 5)


def test_one_byte_changed_around_the_archives_is_refused(path: Path) -> None:
    whole = ar(_MEMBERS)
    headers = _headers(whole)
    content = {at for start, (_, data) in zip(headers[1:], _MEMBERS[1:], strict=True)
               for at in range(start + _HEADER, start + _HEADER + len(data))}  # fmt: skip
    for at in sorted(set(range(len(whole))) - content):
        for bit in (0, 1, 4):
            data = bytearray(whole)
            data[at] ^= 1 << bit
            assert refused(path, bytes(data)), f"bit {bit} of byte {at} counts for nothing"


@pytest.mark.parametrize(
    ("name", "extension"),
    [(name, extension) for name in ("control", "data") for extension in ("", ".gz", ".xz", ".zst")],
)
def test_the_name_says_how_it_is_compressed(path: Path, name: str, extension: str) -> None:
    members = [(f"{name}.tar{extension}" if m.startswith(name) else m, d) for m, d in _MEMBERS]
    part = getattr(read(path, ar(members)), name)
    assert part.compression.value == extension


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([*_MEMBERS[:2], ("data.tar.lz4", b"")], "compressed in a way that samego does not read"),
        ([*_MEMBERS[:2], ("data.tar.bz2", b"")], "compressed in a way that samego does not read"),
        ([*_MEMBERS[:2], ("data.tar.lzma", b"")], "compressed in a way that samego does not read"),
        ([*_MEMBERS[:2], ("data.tar.zst.gz", b"")], "compressed in a way"),
        ([*_MEMBERS, ("_evil", b"")], "extra member _evil, which dpkg skips"),
        ([_MEMBERS[0], ("_gpgorigin", b""), *_MEMBERS[1:]], "extra member _gpgorigin"),
        ([(f"{name}/", data) for name, data in _MEMBERS], "as GNU ar does it, as in fpm's"),
        ([_MEMBERS[0], _MEMBERS[2], _MEMBERS[1]], "is not a .deb that samego reads"),
        ([_MEMBERS[1], _MEMBERS[0], _MEMBERS[2]], "is not a .deb that samego reads"),
        ([*_MEMBERS, _MEMBERS[2]], "is not a .deb that samego reads"),
        ([*_MEMBERS, _MEMBERS[1]], "is not a .deb that samego reads"),
        ([("Debian-Binary", b"2.0\n"), *_MEMBERS[1:]], "is not a .deb that samego reads"),
        ([_MEMBERS[0], ("CONTROL.TAR.GZ", b""), _MEMBERS[2]], "is not a .deb that samego reads"),
        ([("debian-binary", b"2.0\n\n"), *_MEMBERS[1:]], "does not say 2.0 alone"),
        ([("debian-binary", b"2.0"), *_MEMBERS[1:]], "does not say 2.0 alone"),
        ([("debian-binary", b""), *_MEMBERS[1:]], "does not say 2.0 alone"),
        (_MEMBERS * 9, "over 20 members"),
    ],
)
def test_other_members_are_refused_by_name(
    path: Path, members: list[tuple[str, bytes]], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(path, ar(members))
    assert said in caught.value.message


@pytest.mark.parametrize("field", ["+5", "-5", "05", "5 5", "0x5", "5\0", "", "\u0665"])
def test_a_size_in_another_form_is_refused(path: Path, field: str) -> None:
    whole = bytearray(ar(_MEMBERS))
    at = _headers(bytes(whole))[2] + 48
    whole[at : at + 10] = field.encode().ljust(10)
    with pytest.raises(InputError, match=r"p\.deb"):
        read(path, bytes(whole))


def test_members_of_different_times_are_refused(path: Path) -> None:
    whole = bytearray(ar(_MEMBERS))
    at = _headers(bytes(whole))[1]
    whole[at + _TIME.start] = ord("1")
    with pytest.raises(InputError, match="different times"):
        read(path, bytes(whole))


def test_a_name_is_not_read_beyond_its_field(path: Path) -> None:
    whole = bytearray(ar(_MEMBERS))
    at = _headers(bytes(whole))[1]
    whole[at : at + len(_NAME)] = b"control.tar.gz\0x"
    with pytest.raises(InputError, match=r"p\.deb"):
        read(path, bytes(whole))
