"""How dpkg-deb writes a tar: through GNU tar, with ``--format=gnu``.

What an installer reads must be exactly what its own packer writes for the values that were read,
so that no other reading is possible. The form of makepkg is in :mod:`.bsdtar`.

Sources: dpkg (src/deb/build.c, tarball_pack) and GNU tar 1.34 and 1.35 (src/create.c:
start_header, write_gnu_long_link, to_chars), compared with what both write.
"""

from __future__ import annotations

import functools
from typing import Protocol

from samego.formats.archive.tar.header import (
    BLANK_CHECKSUM,
    BLOCK,
    FIELDS,
    GNU_MAGIC,
    TarError,
    Values,
    with_checksum,
)

#: Both tars fill their last record with zeros: 20 blocks.
RECORD = 20 * BLOCK
_ROOT = b"root"
_NAME = 100
_LONG_NAME, _LONG_LINK = b"L", b"K"
_FILE, _HARD_LINK, _SYMBOLIC_LINK, _DIRECTORY = b"0", b"1", b"2", b"5"
_PERMISSIONS = 0o7777


class TarForm(Protocol):
    """One program's way to write a tar. ``maker`` names it in messages."""

    maker: str

    def written(self, values: Values) -> bytes:
        """The blocks before a member's data, extensions first.

        Raises TarError for values that the program never writes.
        """


class DpkgDeb:
    """GNU tar as dpkg-deb calls it: names below ``./``, long ones in ``././@LongLink``."""

    maker = "dpkg-deb"

    def written(self, values: Values) -> bytes:
        """The header, after one for the long link and one for the long name."""
        check_names(values)
        check_owner(values)
        name, link = _dotted(values.name, values.flag), values.link
        if values.flag == _HARD_LINK:
            link = _dotted(link, _FILE)
        elif values.flag != _SYMBOLIC_LINK:
            link = b""
        header = _block(values, name, link)
        if len(name) > _NAME:
            header = _long(_LONG_NAME, name) + header
        if len(link) > _NAME:
            header = _long(_LONG_LINK, link) + header
        return header


DPKG_DEB = DpkgDeb()


def check_names(values: Values) -> None:
    """Refuse a member without a name, and a link to nothing."""
    if not values.name:
        raise TarError("a member without a name")
    if values.flag in (_HARD_LINK, _SYMBOLIC_LINK) and not values.link:
        raise TarError(f"a link to nothing, {values.shown}")


def data_size(values: Values) -> int:
    """How many bytes of data follow: only a file has any."""
    return values.size if values.flag == _FILE else 0


def end_size(position: int) -> int:
    """How many zeros end an archive whose last member ends at ``position``.

    Two blocks say that it ends; the rest fills the record.
    """
    return 2 * BLOCK + -(position + 2 * BLOCK) % RECORD


def bare(name: bytes) -> bytes:
    """A name without ``./`` before it and slashes around it."""
    while name.startswith(b"./"):
        name = name[2:]
    return b"" if name == b"." else name.strip(b"/")


def link_mode(values: Values) -> int:
    """The permissions that a packer finds: Linux has all of them for symbolic links."""
    return 0o777 if values.flag == _SYMBOLIC_LINK else values.mode & _PERMISSIONS


def _dotted(name: bytes, flag: bytes) -> bytes:
    """A name as dpkg-deb has it: below ``./``, a directory's with a slash at its end."""
    plain = bare(name)
    slash = b"/" if flag == _DIRECTORY and plain else b""
    return b"./" + plain + slash


def check_owner(values: Values) -> None:
    """Refuse a name and a number of two owners: installers use the name first."""
    for what, name, number in (
        ("user", values.uname, values.uid),
        ("group", values.gname, values.gid),
    ):
        if name and (name == _ROOT) != (number == 0):
            raise TarError(
                f"a member, {values.shown}, of the {what} {name[:40]!r} with the number"
                f" {number}: an installer would use the name, others the number"
            )


def _long(flag: bytes, text: bytes) -> bytes:
    """A header of GNU's that holds a long name or link of the next member."""
    data = text + b"\0"
    size = len(data)
    values = Values(b"", 0o644, 0, 0, size, 0, flag, b"", _ROOT, _ROOT)
    return _pack(values, size, b"././@LongLink", b"") + data + bytes(-size % BLOCK)


def _block(values: Values, name: bytes, link: bytes) -> bytes:
    return _pack(values, data_size(values), name, link)


def _pack(values: Values, size: int, name: bytes, link: bytes) -> bytes:
    return with_checksum(
        FIELDS.pack(
            name,
            _octal(link_mode(values), 8),
            _octal(values.uid, 8),
            _octal(values.gid, 8),
            _octal(size, 12),
            _octal(values.mtime, 12),
            BLANK_CHECKSUM,
            values.flag,
            link,
            GNU_MAGIC,
            values.uname,
            values.gname,
            b"",
            b"",
            b"",
            b"",
        )
    )


@functools.lru_cache(maxsize=1 << 13)
def _octal(number: int, width: int) -> bytes:
    """Octal digits and a NUL, or base 256 where they do not suffice (tar's to_chars)."""
    digits = b"%0*o\0" % (width - 1, number)
    if len(digits) == width:
        return digits
    return b"\x80" + number.to_bytes(width - 1, "big")
