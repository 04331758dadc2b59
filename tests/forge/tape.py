"""A tar archive as blocks, so that any byte of it can be changed and the rest stays.

The layout is that of POSIX ustar and GNU tar. A field keeps the form in which the real
writer (GNU tar below dpkg-deb, bsdtar below makepkg) wrote it: only its digits change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

BLOCK = 512
#: Of POSIX ustar: offset and length of each field of a header.
FIELDS = {
    "name": (0, 100),
    "mode": (100, 8),
    "uid": (108, 8),
    "gid": (116, 8),
    "size": (124, 12),
    "mtime": (136, 12),
    "chksum": (148, 8),
    "typeflag": (156, 1),
    "linkname": (157, 100),
    "magic": (257, 6),
    "version": (263, 2),
    "uname": (265, 32),
    "gname": (297, 32),
    "devmajor": (329, 8),
    "devminor": (337, 8),
    "prefix": (345, 155),
    "unused": (500, 12),
}
_EXTENSIONS = b"xgLK"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``path`` as installed, its headers (extensions first), data and padding."""

    path: str
    head: bytes
    data: bytes = b""
    padding: bytes | None = None

    @property
    def kind(self) -> str:
        """The type flag of the main header, as a character."""
        return self.raw("typeflag").decode("latin-1")

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.kind == "0"

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return self.kind == "5"

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.kind == "2"

    @property
    def mode(self) -> int:
        """The permission bits of the header."""
        return int(self.raw("mode").rstrip(b" \0"), 8)

    def raw(self, field: str) -> bytes:
        """The bytes of a field of the main header."""
        start, length = FIELDS[field]
        return self.head[-BLOCK:][start : start + length]

    def put(self, field: str, value: bytes, *, checksum: bool = True) -> Member:
        """The member with other bytes in a field; the checksum follows unless told not to."""
        start, length = FIELDS[field]
        assert len(value) <= length, (field, value)
        header = bytearray(self.head[-BLOCK:])
        header[start : start + length] = value.ljust(length, b"\0")
        done = checksummed(bytes(header)) if checksum else bytes(header)
        return replace(self, head=self.head[:-BLOCK] + done)

    def number(self, field: str, value: int) -> Member:
        """The member with another number in a field, written as the old one was."""
        old = self.raw(field)
        digits = re.match(rb"[0-7]+", old)
        assert digits is not None, (self.path, field, old)
        width = len(digits[0])
        return self.put(field, (b"%0*o" % (width, value)) + old[width:])

    def with_data(self, data: bytes) -> Member:
        """The file with other bytes."""
        return replace(self.number("size", len(data)), data=data)

    def with_mode(self, mode: int) -> Member:
        """The member with other permission bits."""
        return self.number("mode", mode)

    def with_extension(self, extension: bytes) -> Member:
        """The member with a further extension header (and its data) before its own header."""
        return replace(self, head=self.head[:-BLOCK] + extension + self.head[-BLOCK:])

    def packed(self) -> bytes:
        """The member as it lies in the archive."""
        padding = bytes(-len(self.data) % BLOCK) if self.padding is None else self.padding
        return self.head + self.data + padding


def checksummed(header: bytes) -> bytes:
    """A header block with the right checksum (POSIX: unsigned bytes, the field as blanks)."""
    start, length = FIELDS["chksum"]
    blank = header[:start] + b" " * length + header[start + length :]
    return header[:start] + b"%06o\0 " % sum(blank) + header[start + length :]


def read_tape(tar: bytes) -> tuple[list[Member], bytes]:
    """The members of an archive that GNU tar or bsdtar wrote, and what ends it."""
    members = []
    position = start = 0
    long_name = ""
    while tar[position : position + BLOCK].strip(b"\0"):
        header = tar[position : position + BLOCK]
        flag = header[156:157]
        size = int(header[124:136].rstrip(b" \0"), 8) if flag in b"0xgLK" else 0
        data = tar[position + BLOCK : position + BLOCK + size]
        position += BLOCK + size + -size % BLOCK
        if flag in _EXTENSIONS:
            long_name = _extended_name(flag, data) or long_name
            continue
        head = tar[start : position - size - -size % BLOCK]
        members.append(Member(_installed(long_name or _named(header)), head, data))
        start, long_name = position, ""
    return members, tar[position:]


def write_tape(members: Iterable[Member], end: bytes) -> bytes:
    """The archive; what ends it is filled up to a whole record of 20 blocks."""
    body = b"".join(member.packed() for member in members)
    if end.strip(b"\0"):
        return body + end
    return body + bytes(1024 + -(len(body) + 1024) % (20 * BLOCK))


def block(name: bytes, flag: bytes, data: bytes, like: Member) -> bytes:
    """An extension header in the form of another member's, with its data and padding."""
    header = replace(like, head=like.head[-BLOCK:], data=b"", path="")
    made = header.put("name", name).put("typeflag", flag).put("linkname", b"")
    made = made.put("prefix", b"").with_mode(0o644).with_data(data)
    return made.packed()


def pax_record(key: str, value: bytes) -> bytes:
    """One record of a pax header: its length, which counts itself, key and value."""
    rest = b" " + key.encode() + b"=" + value + b"\n"
    length = len(rest) + 1
    while length != len(str(length)) + len(rest):
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def pax(records: bytes, like: Member, flag: bytes = b"x") -> bytes:
    """A pax header for the member that follows it (``g``: for all that follow)."""
    return block(b"PaxHeader/" + like.path.rpartition("/")[2].encode()[:80], flag, records, like)


def gnu_long(flag: bytes, value: str, like: Member) -> bytes:
    """GNU tar's header for a long name (L) or link target (K)."""
    return block(b"././@LongLink", flag, value.encode() + b"\0", like)


def _named(header: bytes) -> str:
    name = header[:100].split(b"\0")[0]
    if header[257:263] == b"ustar\0" and (prefix := header[345:500].split(b"\0")[0]):
        name = prefix + b"/" + name
    return name.decode("utf-8", "surrogateescape")


def _extended_name(flag: bytes, data: bytes) -> str:
    if flag == b"L":
        return data.rstrip(b"\0").decode("utf-8", "surrogateescape")
    if flag == b"x" and (match := re.search(rb"(?:^|\n)\d+ path=([^\n]*)\n", data)):
        return match[1].decode("utf-8", "surrogateescape")
    return ""


def _installed(name: str) -> str:
    return name.removeprefix("./").rstrip("/")
