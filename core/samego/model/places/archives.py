"""Where two archives differ."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Place


@dataclass(frozen=True, slots=True)
class NotOneKind(Place):
    """The files are not archives of one kind; their sizes in bytes."""

    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class NotListed(Place):
    """An archive cannot be read, and why; the sizes of both files in bytes."""

    problem: str
    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class Members(Place):
    """Members that differ, that only upstream's archive has, and that only the distro's has.

    ``more`` counts those that are not named.
    """

    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class MemberNumber(Place):
    """The archives have different numbers of members with one name."""


@dataclass(frozen=True, slots=True)
class MembersAgree(Place):
    """The members agree; ``checksums`` says that names, sizes and checksums were compared."""

    checksums: bool


@dataclass(frozen=True, slots=True)
class MoreThanMembers(Place):
    """A file holds more than its members: what; ``upstreams`` says that it is upstream's file."""

    upstreams: bool
    problem: str


@dataclass(frozen=True, slots=True)
class ArchiveComment(Place):
    """The archive's comment differs."""


@dataclass(frozen=True, slots=True)
class MemberOrder(Place):
    """The members are in a different order."""


@dataclass(frozen=True, slots=True)
class MemberFields(Place):
    """A field of so many members differs: stamp, local_extra, central_extra, external, ..."""

    field: str
    members: int


@dataclass(frozen=True, slots=True)
class GzipField(Place):
    """A field of a gzip header has another value: both as Python writes them."""

    field: str
    distro: str
    upstream: str


@dataclass(frozen=True, slots=True)
class GzipCompression(Place):
    """The same contents are compressed differently."""


@dataclass(frozen=True, slots=True)
class ChunkNumber(Place):
    """The pictures have different numbers of chunks."""

    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class Chunks(Place):
    """Chunks of a picture that differ: number, the distro's type and upstream's.

    ``more`` counts those that are not named.
    """

    chunks: tuple[tuple[int, str, str], ...]
    more: int = 0
