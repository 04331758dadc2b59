"""The block before each member of a tar: its fields, read and written.

The layout is that of POSIX ustar (IEEE Std 1003.1, pax, "ustar Interchange Format"), which
GNU tar keeps (tar/src/tar.h, struct posix_header).
"""

from __future__ import annotations

import functools
import struct
from typing import NamedTuple

from samego.errors import InputError

BLOCK = 512
#: The fields in their order, with their sizes in bytes.
LAYOUT = (
    ("name", 100),
    ("mode", 8),
    ("uid", 8),
    ("gid", 8),
    ("size", 12),
    ("mtime", 12),
    ("checksum", 8),
    ("type", 1),
    ("link name", 100),
    ("magic", 8),
    ("user name", 32),
    ("group name", 32),
    ("device major", 8),
    ("device minor", 8),
    ("prefix", 155),
    ("padding", 12),
)
FIELDS = struct.Struct("".join(f"{size}s" for _name, size in LAYOUT))
BLANK_CHECKSUM = b" " * 8
USTAR_MAGIC, GNU_MAGIC, OLD_MAGIC = b"ustar\x0000", b"ustar  \0", bytes(8)
_CHECKSUM = slice(148, 156)
_SPACES = sum(BLANK_CHECKSUM)
_BASE_256 = 0x80
_SHOWN = 40


class TarError(InputError):
    """Something in a tar archive that is refused; its message continues "it has ..."."""

    def __init__(self, what: str, *, hint: str = "get the file again from its source") -> None:
        super().__init__(what, hint=hint)


class HiddenDataError(TarError):
    """Data in a place that tar readers ignore and users do not see."""


class Values(NamedTuple):
    """What a header says, its extensions applied.

    ``name`` and ``link`` are as they are written, ``mtime`` is in seconds since 1970 and
    ``fraction`` the digits after its point. ``xattrs`` are in the order of the records;
    ``binary`` says that names are bytes of no declared character set.
    """

    name: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    flag: bytes
    link: bytes
    uname: bytes
    gname: bytes
    fraction: bytes = b""
    binary: bool = False
    xattrs: tuple[tuple[str, bytes], ...] = ()

    @property
    def shown(self) -> str:
        """The name as a message gives it."""
        return repr(self.name[:80].decode("utf-8", "backslashreplace"))


def parse_header(block: bytes) -> tuple[Values, bytes]:
    """The values of a header without its extensions, and its magic.

    Where ustar's magic stands the prefix is part of the name. The checksum is not checked here.
    Raises TarError for an invalid number.
    """
    (
        name,
        mode,
        uid,
        gid,
        size,
        mtime,
        _checksum,
        flag,
        link,
        magic,
        uname,
        gname,
        _major,
        _minor,
        prefix,
        _padding,
    ) = FIELDS.unpack(block)
    text = name.partition(b"\0")[0]
    if prefix[0] and magic[:6] == USTAR_MAGIC[:6]:
        text = prefix.partition(b"\0")[0] + b"/" + text
    return (
        Values(
            text,
            number(mode),
            number(uid),
            number(gid),
            number(size),
            number(mtime),
            flag,
            link.partition(b"\0")[0],
            uname.partition(b"\0")[0],
            gname.partition(b"\0")[0],
        ),
        magic,
    )


def check_sum(block: bytes) -> None:
    """Raise TarError where the checksum is not that of the block."""
    if number(block[_CHECKSUM]) != sum(block) - sum(block[_CHECKSUM]) + _SPACES:
        raise TarError("a bad header")


def with_checksum(draft: bytes) -> bytes:
    """A header whose checksum field is blank, with the checksum as all tars write it."""
    return draft[:148] + b"%06o\0 " % sum(draft) + draft[156:]


@functools.lru_cache(maxsize=1 << 13)
def number(field: bytes) -> int:
    """An octal number, or GNU's base 256 where the first bit is set.

    Raises TarError for any other form, and for a negative number.
    """
    if field[0] & _BASE_256:
        if field[0] != _BASE_256:
            raise TarError("a negative number in a header")
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    if not digits:
        return 0
    try:
        # int() would also accept signs, underscores and inner white space.
        return int(digits, 8) if digits.isdigit() else int("")
    except ValueError:
        raise TarError("a bad number in a header") from None


def field_that_differs(one: bytes, other: bytes) -> str:
    """The first field in which two headers differ, with what it is and what it should be."""
    pairs = zip(FIELDS.unpack(one), FIELDS.unpack(other), strict=True)
    for (name, _size), (mine, theirs) in zip(LAYOUT, pairs, strict=True):
        if mine != theirs and name != "checksum":
            return f"{name} is {_shown(mine)}, not {_shown(theirs)}"
    return "checksum is written in another way"


def _shown(field: bytes) -> str:
    text = repr(field.rstrip(b"\0"))[1:]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...'"
