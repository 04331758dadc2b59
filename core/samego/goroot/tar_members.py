"""The members of a tar stream, read strictly.

Formats: POSIX ustar and pax (IEEE Std 1003.1, pax, "ustar Interchange Format" and "pax
Extended Header") and GNU's long names (tar/src/tar.h). Python's tarfile reads more, takes a
damaged header for the end of the archive, and costs four times as much per member, which
decides how long a check takes. Here every block is a good header, data, or the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from samego.errors import InputError

BLOCK = 512
_END = bytes(BLOCK)
_FIELDS = struct.Struct("100s8s8s8s12s12x8sc100s8s32x32x8x8x155s12x")
_CHECKSUM = slice(148, 156)
_SPACES = sum(b" " * 8)
_USTAR = b"ustar\x0000"
_BASE_256 = 0x80
#: The most that an extended header may hold: it is read whole.
_MAX_EXTENSION = 1 << 20

REGULAR, HARD_LINK, SYMBOLIC_LINK, DIRECTORY = "regular", "hard link", "link", "directory"
_KINDS = {
    b"0": REGULAR,
    b"\0": REGULAR,
    b"7": REGULAR,
    b"1": HARD_LINK,
    b"2": SYMBOLIC_LINK,
    b"5": DIRECTORY,
}
_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"x", b"g"
#: The pax records that change what is read; times and names of users do not.
_OVERRIDES = ("path", "linkpath", "size", "uid", "gid")
_EXTENSIONS = (_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL)


class TarError(InputError):
    """A tar archive that breaks off or holds something that is no member."""

    def __init__(self, what: str) -> None:
        super().__init__(what, hint="get the archive again from its source")


class Member(NamedTuple):
    """A member's header. ``kind`` is one of the constants above, or ``other``."""

    name: str
    kind: str
    mode: int
    owner: tuple[int, int]
    size: int
    link: str


def read_members(stream: BinaryIO) -> Iterator[Member]:
    """Give each member's header; the stream then stands at its data.

    The caller must call read_data or skip_data for a regular member before it goes on.
    Raises TarError for anything but a well-formed archive up to its end mark.
    """
    first = True
    override: dict[str, str] = {}
    while True:
        block = stream.read(BLOCK)
        if block == _END:
            if first:
                raise TarError("an empty archive")
            if override:
                raise TarError("an extended header without a member")
            return
        if len(block) != BLOCK:
            raise TarError("an archive without its end" if block or not first else "an empty file")
        first = False
        member, flag, size = _header(block)
        if flag in _EXTENSIONS:
            override.update(_extension(stream, flag, size))
            continue
        if override:
            member = _overridden(member, override)
            override = {}
        yield member


def read_data(stream: BinaryIO, size: int) -> bytes:
    """A member's data; the stream then stands at the next header."""
    data = stream.read(size)
    padding = -size % BLOCK
    if len(data) != size or len(stream.read(padding)) != padding:
        raise TarError("a member that breaks off")
    return data


def _header(block: bytes) -> tuple[Member, bytes, int]:
    name, mode, uid, gid, size, checksum, flag, link, magic, prefix = _FIELDS.unpack(block)
    if _number(checksum) != sum(block) - sum(block[_CHECKSUM]) + _SPACES:
        raise TarError("a bad header")
    text = _text(name)
    if magic == _USTAR and prefix[0]:
        text = f"{_text(prefix)}/{text}"
    kind = _KINDS.get(flag, "other")
    if flag == b"\0" and text.endswith("/"):
        kind = DIRECTORY  # as tar wrote it before it had a flag for directories
    length = _number(size)
    held = length if kind == REGULAR or flag in _EXTENSIONS else 0
    owner = (_number(uid), _number(gid))
    return Member(text, kind, _number(mode), owner, held, _text(link)), flag, held


def _extension(stream: BinaryIO, flag: bytes, size: int) -> dict[str, str]:
    if size > _MAX_EXTENSION:
        raise TarError(f"an extended header of {size} bytes")
    data = read_data(stream, size)
    if flag == _GNU_NAME:
        return {"path": _text(data)}
    if flag == _GNU_LINK:
        return {"linkpath": _text(data)}
    records = _records(data)
    if any(key.startswith("GNU.sparse.") for key in records):
        raise TarError("a sparse file")
    known: dict[str, str] = {key: records[key] for key in _OVERRIDES if key in records}
    if flag == _PAX_GLOBAL and known:
        raise TarError(f"a global extended header that sets {min(known)}")
    return known


def _records(data: bytes) -> dict[str, str]:
    """Pax records: ``LENGTH KEY=VALUE`` and a newline, LENGTH counting all of it."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits, space, _rest = data[at : at + 8].partition(b" ")
        if not space or not digits.isdigit():
            raise TarError("a bad extended header")
        end = at + int(digits)
        key, equals, value = data[at + len(digits) + 1 : end - 1].partition(b"=")
        if not equals or data[end - 1 : end] != b"\n":
            raise TarError("a bad extended header")
        records[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        at = end
    return records


def _overridden(member: Member, override: dict[str, str]) -> Member:
    uid, gid = member.owner
    try:
        size = int(override.get("size", member.size)) if member.kind == REGULAR else 0
        owner = (int(override.get("uid", uid)), int(override.get("gid", gid)))
    except ValueError:
        raise TarError("a bad number in an extended header") from None
    if size < 0:
        raise TarError("a bad number in an extended header")
    name, link = override.get("path", member.name), override.get("linkpath", member.link)
    return Member(name, member.kind, member.mode, owner, size, link)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """An octal number, or GNU's base 256 where the first bit is set."""
    if field[0] & _BASE_256:
        if field[0] != _BASE_256:
            raise TarError("a negative number in a header")
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b"\0 ")
    if not digits:
        return 0
    try:
        return int(digits, 8)
    except ValueError:
        raise TarError("a bad number in a header") from None
