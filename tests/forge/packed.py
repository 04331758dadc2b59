"""Packages taken apart down to their headers, and put together again.

What was not changed comes out as the real tool wrote it (but for the compression, which is
quick here). ``edits`` change bytes on the way: of a tar (``control``, ``data``), of what is
compressed (``control.packed``, ``data.packed``), of the whole file (``file``).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from forge.tape import Member, read_tape, write_tape

Edit = Callable[[bytes], bytes]
#: What dpkg-deb reads and hands to its compressor at once (lib/dpkg/compress.c).
_AT_ONCE = 32 << 10
#: The types that .MTREE can tell of: files, links, directories.
_LISTED = "025"
MTREE, PKGINFO, BUILDINFO = ".MTREE", ".PKGINFO", ".BUILDINFO"


def zstd(data: bytes) -> bytes:
    """Compressed as dpkg-deb does: one frame with a checksum; the size of a small one is told."""
    sized = len(data) <= _AT_ONCE
    made = zstandard.ZstdCompressor(level=1, write_checksum=True, write_content_size=sized)
    return made.compress(data)


def zstd_stream(data: bytes) -> bytes:
    """Compressed as makepkg's ``zstd -c -`` does: one frame with a checksum, no size told."""
    made = zstandard.ZstdCompressor(level=1, write_checksum=True, write_content_size=False)
    return made.compress(data)


@dataclass
class Part:
    """A list of members and what ends their archive."""

    members: list[Member]
    end: bytes

    def __contains__(self, path: str) -> bool:
        return any(member.path == path for member in self.members)

    def __getitem__(self, path: str) -> Member:
        return next(member for member in self.members if member.path == path)

    def swap(self, path: str, *new: Member) -> None:
        """Put other members in a member's place."""
        at = next(n for n, member in enumerate(self.members) if member.path == path)
        self.members[at : at + 1] = new

    def copy(self) -> Part:
        """Another list of the same members."""
        return Part(list(self.members), self.end)


@dataclass
class ArMember:
    """A member of a .deb: the header's fields as text, blanks cut off, and its data."""

    name: str
    data: bytes
    time: str = "0"
    owner: str = "0"
    group: str = "0"
    mode: str = "100644"
    size: str | None = None
    magic: bytes = b"`\n"
    padding: bytes = b"\n"

    def packed(self) -> bytes:
        """The member as it lies in the archive: deb(5), ar(5)."""
        size = str(len(self.data)) if self.size is None else self.size
        head = f"{self.name:<16}{self.time:<12}{self.owner:<6}{self.group:<6}{self.mode:<8}"
        padding = self.padding if len(self.data) % 2 else b""
        return f"{head}{size:<10}".encode() + self.magic + self.data + padding


@dataclass
class Deb:
    """A .deb. ``ar`` may rearrange its members when it is written."""

    name: str
    version: bytes
    time: str
    control: Part
    data: Part
    edits: dict[str, Edit] = field(default_factory=dict)
    ar: Callable[[list[ArMember]], list[ArMember]] | None = None
    #: Whether md5sums is written anew from the data.
    sums: bool = True

    @classmethod
    def read(cls, path: Path) -> Deb:
        """Take a package apart that dpkg-deb has written with zstd or xz."""
        raw = path.read_bytes()
        found: dict[str, bytes] = {}
        time = "0"
        position = 8
        while position < len(raw):
            head = raw[position : position + 60]
            size, time = int(head[48:58]), head[16:28].decode().strip()
            found[head[:16].decode().strip()] = raw[position + 60 : position + 60 + size]
            position += 60 + size + size % 2
        control, data = (
            Part(*read_tape(_unpacked(packed)))
            for stem in ("control", "data")
            for name, packed in found.items()
            if name.startswith(f"{stem}.tar.")
        )
        return cls(path.name, found["debian-binary"], time, control, data)

    def copy(self) -> Deb:
        """Another one of the same parts, without edits."""
        return Deb(self.name, self.version, self.time, self.control.copy(), self.data.copy())

    def pack(self) -> bytes:
        """The whole file."""
        control, data = self.control.copy(), self.data
        if self.sums and "md5sums" in control:
            control.swap("md5sums", control["md5sums"].with_data(_md5sums(data)))
        members = [ArMember("debian-binary", self.version, self.time)]
        for stem, part in (("control", control), ("data", data)):
            tar = self._edited(stem, write_tape(part.members, part.end))
            packed = self._edited(f"{stem}.packed", zstd(tar))
            members.append(ArMember(f"{stem}.tar.zst", packed, self.time))
        if self.ar is not None:
            members = self.ar(members)
        whole = b"!<arch>\n" + b"".join(member.packed() for member in members)
        return self._edited("file", whole)

    def _edited(self, stage: str, data: bytes) -> bytes:
        return self.edits[stage](data) if stage in self.edits else data


@dataclass
class Pkg:
    """A .pkg.tar.zst; its metadata are members of ``data`` like the rest."""

    name: str
    data: Part
    #: The members as makepkg packed them, by path: what .MTREE tells of.
    packed: Mapping[str, Member]
    edits: dict[str, Edit] = field(default_factory=dict)
    #: Whether .MTREE follows the members.
    listing: bool = True

    @classmethod
    def read(cls, path: Path) -> Pkg:
        """Take a package apart that makepkg has written with zstd."""
        part = Part(*read_tape(_unpacked(path.read_bytes())))
        return cls(path.name, part, {member.path: member for member in part.members})

    def copy(self) -> Pkg:
        """Another one of the same parts, without edits."""
        return Pkg(self.name, self.data.copy(), self.packed)

    def text(self, name: str) -> str:
        """A metadata file."""
        data = self.data[name].data
        return (gzip.decompress(data) if name == MTREE else data).decode()

    def rewrite(self, name: str, text: str) -> None:
        """Put another metadata file in its place."""
        data = text.encode("utf-8", "surrogateescape")
        if name == MTREE:
            self.listing, data = False, gzip.compress(data, mtime=0)
        self.data.swap(name, self.data[name].with_data(data))

    def without(self, *paths: str) -> Pkg:
        """The package as makepkg would have packed it without these files."""
        for path in paths:
            self.data.swap(path)
        self.data.swap(MTREE, self._listing())
        return Pkg(self.name, self.data, {member.path: member for member in self.data.members})

    def _listing(self) -> Member:
        """The .MTREE that fits the members."""
        text = _listed(self.text(MTREE), self.data.members, self.packed)
        listed = gzip.compress(text.encode("utf-8", "surrogateescape"), mtime=0)
        return self.data[MTREE].with_data(listed)

    def pack(self) -> bytes:
        """The whole file."""
        part = self.data.copy()
        if self.listing and MTREE in part:
            part.swap(MTREE, self._listing())
        tar = self._edited("data", write_tape(part.members, part.end))
        return self._edited("file", self._edited("data.packed", zstd_stream(tar)))

    def _edited(self, stage: str, data: bytes) -> bytes:
        return self.edits[stage](data) if stage in self.edits else data


def xz(data: bytes) -> bytes:
    """Compressed as dpkg-deb does with -Zxz: one stream with a CRC32."""
    return lzma.compress(data, check=lzma.CHECK_CRC32, preset=0)


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"\xfd7zXZ"):
        return lzma.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()


def _md5sums(part: Part) -> bytes:
    """What dh_md5sums writes: every regular file, sorted as it finds them."""
    lines = [
        f"{hashlib.md5(member.data, usedforsecurity=False).hexdigest()}  {member.path}\n"
        for member in sorted(part.members, key=lambda member: member.path)
        if member.is_file
    ]
    return "".join(lines).encode("utf-8", "surrogateescape")


def _listed(old: str, members: list[Member], packed: Mapping[str, Member]) -> str:
    """The .MTREE of these members: the old one with other lines for those that changed."""
    now = {member.path: member for member in members if member.path != MTREE}
    lines = [
        _line(now[path], line) if path and now[path] is not packed.get(path) else line
        for line in old.splitlines()
        for path in [_plain(line.split(" ", 1)[0]) if line.startswith("./") else ""]
        if not path or (path in now and now[path].kind in _LISTED)
    ]
    new = [member for path, member in now.items() if path not in packed]
    lines += [_line(member, "") for member in new if member.kind in _LISTED]
    return "\n".join(lines) + "\n"


def _line(member: Member, old: str) -> str:
    time = re.search(r"time=\S+", old)
    words = [f"./{_spelled(member.path)}", time[0] if time else "time=1760000000.0"]
    words.append(f"mode={_number(member, 'mode'):o}")
    owners = {name: _number(member, name) for name in ("uid", "gid")}
    words += [f"{name}={number}" for name, number in owners.items() if number]
    if member.is_directory:
        words.append("type=dir")
    elif member.is_link:
        target = member.raw("linkname").rstrip(b"\0").decode("utf-8", "surrogateescape")
        words += ["type=link", f"link={_spelled(target)}"]
    else:
        words += ["type=file", f"size={len(member.data)}"]
        if "md5digest" in old or not old:
            digest = hashlib.md5(member.data, usedforsecurity=False).hexdigest()
            words.append(f"md5digest={digest}")
        words.append(f"sha256digest={hashlib.sha256(member.data).hexdigest()}")
    return " ".join(words)


def _number(member: Member, field: str) -> int:
    """A number of a header, 0 where it is none: the forger's .MTREE says what it can."""
    text = member.raw(field).rstrip(b" \0")
    return int(text, 8) if re.fullmatch(rb"[0-7]+", text) else 0


def _spelled(path: str) -> str:
    raw = path.encode("utf-8", "surrogateescape")
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"\\#=" else f"\\{byte:03o}"
        for byte in raw
    )


def _plain(word: str) -> str:
    raw = re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), word[2:].encode())
    return raw.decode("utf-8", "surrogateescape")
