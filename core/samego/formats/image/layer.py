"""One layer of an image: a tar of what it adds, and of what it removes from the layers below.

A file named ``.wh.NAME`` removes NAME, one named ``.wh..wh..opq`` all that the layers below have
in its directory (OCI image specification, layer.md, "Representing Changes"). Both are of the
lower layers only, wherever they are; unpackers that follow the order of members would remove
what the same layer has before them, so that is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from samego.formats.archive.paths import LEADS_ELSEWHERE, checked_path, hostile, too_large
from samego.formats.archive.tar.header import BLOCK, TarError
from samego.formats.archive.tar.members import (
    DIRECTORY,
    HARD_LINK,
    REGULAR,
    SYMBOLIC_LINK,
    TarMember,
    read_data,
    read_members,
    refusal,
)
from samego.formats.image.limits import ImageLimits
from samego.model.tree import Kind

_WHITEOUT, _META, _OPAQUE = ".wh.", ".wh..wh.", ".wh..wh..opq"
_CHUNK = 1 << 20
_KINDS = {DIRECTORY: Kind.DIRECTORY, SYMBOLIC_LINK: Kind.LINK, REGULAR: Kind.FILE}


class LayerEntry(NamedTuple):
    """What lies at a path: as a tree's entry, and where its bytes are in which layer.

    ``kind`` is None for a device or a pipe. ``sha256`` is empty for a file that is larger than
    any of a toolchain.
    """

    kind: Kind | None
    mode: int
    owner: tuple[int, int]
    size: int = 0
    sha256: str = ""
    link: str = ""
    xattrs: tuple[tuple[str, bytes], ...] = ()
    layer: int = 0
    offset: int = 0


@dataclass(slots=True)
class LayerContent:
    """What a layer adds by path, and what it removes from those below."""

    items: dict[str, LayerEntry] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    total_bytes: int = 0
    #: Every directory above an item.
    above: set[str] = field(default_factory=set)


class Stream:
    """A layer's decompressed bytes as they are read, with their digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.position = 0

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer at the end."""
        data = self._stream.read(size)
        self._hash.update(data)
        self.position += len(data)
        return data

    @property
    def sha256(self) -> str:
        """The digest of all that was read."""
        return self._hash.hexdigest()


def read_layer(stream: Stream, number: int, *, name: str, limits: ImageLimits) -> LayerContent:
    """Read a layer up to its end. ``name`` is the layer's in messages.

    Raises InputError for a damaged tar, HostileArchiveError for what is read in two ways, leads
    out of the root, or is beyond the limits.
    """
    content = LayerContent()
    try:
        for member in read_members(stream):  # type: ignore[arg-type]  # read alone is asked of it
            path = _path(member.name, name, limits)
            item = _item(member, path, stream, content, number, name=name, limits=limits)
            if not _removes(path, member, content, name):
                _add(path, item, content, name)
            if len(content.items) + len(content.removed) > limits.entries:
                raise too_large(name, f"over {limits.entries} members")
    except TarError as error:
        raise refusal(error, name=name, hint="save or build the image again") from error
    return content


def _path(raw: str, name: str, limits: ImageLimits) -> str:
    """A member's path; systemd's units have backslashes in their names."""
    return checked_path(raw, name=name, most=limits.path_bytes, unclean=LEADS_ELSEWHERE)


def _item(
    member: TarMember,
    path: str,
    stream: Stream,
    content: LayerContent,
    number: int,
    *,
    name: str,
    limits: ImageLimits,
) -> LayerEntry:
    mode = member.mode & 0o7777
    if member.kind == HARD_LINK:
        return _hard_link(member, path, content, name, limits)
    kind = _KINDS.get(member.kind)
    if kind is not Kind.FILE:
        link = member.link if kind is Kind.LINK else ""
        return LayerEntry(kind, mode, member.owner, link=link, xattrs=member.xattrs, layer=number)
    content.total_bytes += member.size
    if content.total_bytes > limits.total_bytes:
        raise too_large(name, f"its files have over {limits.total_bytes} bytes")
    offset = stream.position
    digest = _digest(stream, member.size, limits)
    return LayerEntry(
        kind, mode, member.owner, member.size, digest, "", member.xattrs, number, offset
    )


def _digest(stream: Stream, size: int, limits: ImageLimits) -> str:
    """Read a file's bytes; their digest, empty for a file that is too large."""
    if size <= limits.file_bytes:
        return hashlib.sha256(read_data(stream, size)).hexdigest()  # type: ignore[arg-type]  # read alone is asked of it
    left = size + -size % BLOCK
    while left:
        data = stream.read(min(_CHUNK, left))
        if not data:
            raise TarError("a truncated member")
        left -= len(data)
    return ""


def _hard_link(
    member: TarMember, path: str, content: LayerContent, name: str, limits: ImageLimits
) -> LayerEntry:
    linked = _path(member.link, name, limits)
    target = content.items.get(linked)
    if target is None or target.kind is not Kind.FILE:
        raise hostile(name, f"has {path!r}, a hard link to nothing before it in the layer")
    return target


def _removes(path: str, member: TarMember, content: LayerContent, name: str) -> bool:
    """Whether a member is a whiteout; then what it removes is noted."""
    parent, slash, base = path.rpartition("/")
    if not base.startswith(_WHITEOUT):
        if f"/{_WHITEOUT}" in f"/{path}":
            raise hostile(name, f"has {path!r} below a whiteout")
        return False
    if member.kind != REGULAR or member.size:
        raise hostile(name, f"has {path!r}, a whiteout that is no empty file")
    if base == _OPAQUE:
        content.opaque.add(parent)
        return True
    gone = base[len(_WHITEOUT) :]
    if base.startswith(_META) or gone in ("", ".", ".."):
        raise hostile(name, f"has {path!r}, a whiteout of no file")
    target = f"{parent}{slash}{gone}"
    if target in content.items or target in content.above:
        raise hostile(name, f"has {path!r} behind {target!r}, which some would remove with it")
    if target in content.removed:
        raise hostile(name, f"has {path!r} twice")
    content.removed.add(target)
    return True


def _add(path: str, item: LayerEntry, content: LayerContent, name: str) -> None:
    before = content.items.get(path)
    if before is not None and not (before.kind is Kind.DIRECTORY and before == item):
        raise hostile(name, f"has {path!r} twice")
    if not path and item.kind is not Kind.DIRECTORY:
        raise hostile(name, "has a root that is no directory")
    content.items[path] = item
    while (path := path.rpartition("/")[0]) and path not in content.above:
        content.above.add(path)
