"""Where two archives differ: members of zip and tar, fields of gzip, chunks of PNG."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from samego.compare import where_text
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.model.places.archives import (
    ArchiveComment,
    ChunkNumber,
    Chunks,
    GzipCompression,
    GzipField,
    MemberFields,
    MemberNumber,
    MemberOrder,
    Members,
    MembersAgree,
    MoreThanMembers,
    NotListed,
    NotOneKind,
)
from samego.model.places.files import Lines, Nowhere
from samego.model.value import Place
from samego.rules.content.base import FormatError
from samego.rules.content.gzip_equal import read_gzip
from samego.rules.content.listing import few, list_zip
from samego.rules.content.png_equal import SIGNATURE, read_png
from samego.rules.content.zip_members import read_zip

#: How many members or chunks are named.
_NAMED = 6
_TAR_MAGIC = slice(257, 262)
_UNREADABLE = (FormatError, ValueError, tarfile.TarError, zlib.error, OSError, EOFError)


def where(distro: bytes, upstream: bytes) -> tuple[Place, ...]:
    """Members, fields or chunks that differ, or which side cannot be read. Total."""
    if distro == upstream:
        return (Nowhere(),)
    tell = _teller(upstream)
    if tell is None or tell is not _teller(distro):
        return (NotOneKind(len(distro), len(upstream)),)
    try:
        return tuple(tell(distro, upstream))
    except _UNREADABLE as error:
        return (NotListed(str(error), len(distro), len(upstream)),)


def _teller(data: bytes) -> Callable[[bytes, bytes], Iterator[Place]] | None:
    if data.startswith(b"PK"):
        return _zip
    if data.startswith(b"\x1f\x8b"):
        return _gzip
    if data.startswith(SIGNATURE):
        return _png
    if data[_TAR_MAGIC] == b"ustar":
        return _tar
    return None


def _zip(distro: bytes, upstream: bytes) -> Iterator[Place]:
    ours, theirs = list_zip(distro), list_zip(upstream)
    mine = {name: (crc, size, kind) for name, crc, size, kind in ours}
    others = {name: (crc, size, kind) for name, crc, size, kind in theirs}
    if members := _compare(mine, others):
        yield members
    elif ours != theirs:
        yield MemberNumber()
    else:
        yield MembersAgree(checksums=True)
        yield from _zip_rest(distro, upstream)


def _zip_rest(distro: bytes, upstream: bytes) -> Iterator[Place]:
    """What differs where the lists of members agree."""
    try:
        ours = read_zip(distro)
    except FormatError as error:
        yield MoreThanMembers(upstreams=False, problem=str(error))
        return
    try:
        theirs = read_zip(upstream)
    except FormatError as error:
        yield MoreThanMembers(upstreams=True, problem=str(error))
        return
    if ours.comment != theirs.comment:
        yield ArchiveComment()
    if [member.name for member in ours.members] != [member.name for member in theirs.members]:
        yield MemberOrder()
    before = {member.name: member for member in theirs.members}
    fields: dict[str, int] = {}
    for member in ours.members:
        theirs_of = before[member.name]
        for field in ("stamp", "local_extra", "central_extra", "external", "flags", "data"):
            if getattr(member, field) != getattr(theirs_of, field):
                fields[field] = fields.get(field, 0) + 1
    yield from (MemberFields(field, number) for field, number in fields.items())


def _gzip(distro: bytes, upstream: bytes) -> Iterator[Place]:
    ours, theirs = read_gzip(distro), read_gzip(upstream)
    differs = False
    for field in ("text", "mtime", "xfl", "os", "name", "extra", "comment"):
        mine, other = getattr(ours, field), getattr(theirs, field)
        if mine != other:
            differs = True
            yield GzipField(field, repr(mine), repr(other))
    lines = where_text.where(ours.content, theirs.content)
    if isinstance(lines, Lines):
        yield replace(lines, packed=True)
    elif not differs:
        yield GzipCompression()


def _png(distro: bytes, upstream: bytes) -> Iterator[Place]:
    ours, theirs = read_png(distro), read_png(upstream)
    if len(ours) != len(theirs):
        yield ChunkNumber(len(ours), len(theirs))
    chunks = [
        (number, mine.kind.decode(), posted.kind.decode())
        for number, (mine, posted) in enumerate(zip(ours, theirs, strict=False))
        if mine != posted
    ]
    if chunks:
        yield Chunks(tuple(chunks[:_NAMED]), max(0, len(chunks) - _NAMED))


def _tar(distro: bytes, upstream: bytes) -> Iterator[Place]:
    yield _compare(_list_tar(distro), _list_tar(upstream)) or MembersAgree(checksums=False)


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


def _compare(ours: Mapping[str, object], theirs: Mapping[str, object]) -> Members | None:
    if ours == theirs:
        return None
    differing = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    missing = [name for name in theirs if name not in ours]
    added = [name for name in ours if name not in theirs]
    (some, gone, new), more = few(_NAMED, differing, missing, added)
    return Members(some, gone, new, more)
