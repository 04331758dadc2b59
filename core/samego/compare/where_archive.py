"""Where two archives differ: members of zip and tar, fields of gzip, chunks of PNG."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Callable, Mapping

from samego.compare import where_text
from samego.compare.where_bytes import file_of
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.rules.content.base import FormatError
from samego.rules.content.gzip_equal import read_gzip
from samego.rules.content.listing import list_zip
from samego.rules.content.png_equal import SIGNATURE, read_png
from samego.rules.content.zip_members import read_zip

_SHOWN = 6
_TAR_MAGIC = slice(257, 262)
_UNREADABLE = (FormatError, ValueError, tarfile.TarError, zlib.error, OSError, EOFError)


def where(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
    """One phrase about members, fields or chunks, or about which side cannot be read. Total."""
    if distro == upstream:
        return "no difference"
    tell = _teller(upstream)
    if tell is None or tell is not _teller(distro):
        return _not_of_one_kind(distro, upstream, other)
    try:
        return tell(distro, upstream, other)
    except _UNREADABLE as error:
        return f"{error} ({len(distro)} bytes, {other} {len(upstream)})"


def _teller(data: bytes) -> Callable[[bytes, bytes, str], str] | None:
    if data.startswith(b"PK"):
        return _zip
    if data.startswith(b"\x1f\x8b"):
        return _gzip
    if data.startswith(SIGNATURE):
        return _png
    if data[_TAR_MAGIC] == b"ustar":
        return _tar
    return None


def _not_of_one_kind(distro: bytes, upstream: bytes, other: str) -> str:
    return f"not archives of one kind ({len(distro)} bytes, {other} {len(upstream)})"


def _zip(distro: bytes, upstream: bytes, other: str) -> str:
    ours, theirs = list_zip(distro), list_zip(upstream)
    mine = {name: (crc, size, kind) for name, crc, size, kind in ours}
    others = {name: (crc, size, kind) for name, crc, size, kind in theirs}
    phrases = _compare(mine, others, "member")
    if not phrases and ours != theirs:
        phrases.append("members of one name differ in number")
    if not phrases:
        phrases.append("the members' names, sizes and checksums agree")
        phrases += _zip_rest(distro, upstream, other)
    return "; ".join(phrases)


def _zip_rest(distro: bytes, upstream: bytes, other: str) -> list[str]:
    """What differs where the lists of members agree."""
    try:
        ours = read_zip(distro)
    except FormatError as error:
        return [f"the package's file has more than its members ({error})"]
    try:
        theirs = read_zip(upstream)
    except FormatError as error:
        return [f"{file_of(other)} has more than its members ({error})"]
    phrases = []
    if ours.comment != theirs.comment:
        phrases.append("the archive's comment differs")
    if [member.name for member in ours.members] != [member.name for member in theirs.members]:
        phrases.append("in another order")
    before = {member.name: member for member in theirs.members}
    parts: dict[str, int] = {}
    for member in ours.members:
        theirs_of = before[member.name]
        for part in ("stamp", "local_extra", "central_extra", "external", "flags", "data"):
            if getattr(member, part) != getattr(theirs_of, part):
                parts[part] = parts.get(part, 0) + 1
    return phrases + [f"{_PARTS[part]} of {number} members" for part, number in parts.items()]


_PARTS = {
    "stamp": "time stamps",
    "local_extra": "local extra fields",
    "central_extra": "central extra fields",
    "external": "attributes",
    "flags": "flags",
    "data": "compression",
}


def _gzip(distro: bytes, upstream: bytes, other: str) -> str:
    ours, theirs = read_gzip(distro), read_gzip(upstream)
    fields = ("text", "mtime", "xfl", "os", "name", "extra", "comment")
    phrases = [
        f"{field} {getattr(ours, field)!r}, {other} {getattr(theirs, field)!r}"
        for field in fields
        if getattr(ours, field) != getattr(theirs, field)
    ]
    if ours.content != theirs.content:
        phrases.append(f"contents: {where_text.where(ours.content, theirs.content, other)}")
    return "; ".join(phrases) or "compressed in another way"


def _png(distro: bytes, upstream: bytes, other: str) -> str:
    ours, theirs = read_png(distro), read_png(upstream)
    phrases = []
    if len(ours) != len(theirs):
        phrases.append(f"{len(ours)} chunks, {other} {len(theirs)}")
    for number, (mine, posted) in enumerate(zip(ours, theirs, strict=False)):
        if mine != posted:
            kind, was = mine.kind.decode(), posted.kind.decode()
            phrases.append(f"chunk {number} ({kind})" + (f", {other} {was}" if was != kind else ""))
    return _few(phrases)


def _tar(distro: bytes, upstream: bytes, _other: str) -> str:
    phrases = _compare(_list_tar(distro), _list_tar(upstream), "member")
    return "; ".join(phrases) or "the members agree; headers or order differ"


def _list_tar(data: bytes) -> dict[str, tuple[int, bytes, str, int]]:
    """Members by name: size, type, link and checksum."""
    members = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for count, member in enumerate(archive):
            if count >= DEFAULT_LIMITS.entries:
                raise ValueError("too many members")
            file = archive.extractfile(member) if member.isreg() else None
            crc = zlib.crc32(file.read()) if file else 0
            members[member.name] = (member.size, member.type, member.linkname, crc)
    return members


def _compare(ours: Mapping[str, object], theirs: Mapping[str, object], noun: str) -> list[str]:
    phrases = [
        *(
            f"{noun} {name!a} differs"
            for name in ours
            if name in theirs and ours[name] != theirs[name]
        ),
        *(f"{noun} {name!a} is missing" for name in theirs if name not in ours),
        *(f"{noun} {name!a} is added" for name in ours if name not in theirs),
    ]
    return [_few(phrases)] if phrases else []


def _few(phrases: list[str]) -> str:
    more = [f"{len(phrases) - _SHOWN} more"] if len(phrases) > _SHOWN else []
    return "; ".join([*phrases[:_SHOWN], *more])
