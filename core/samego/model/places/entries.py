"""What differs besides a file's bytes, and what a package states about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from samego.model.value import Cause, Place


@dataclass(frozen=True, slots=True)
class Mode(Cause, Place):
    """The permission bits differ from upstream's."""

    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class UnusualMode(Cause, Place):
    """The permission bits are not among those that such an entry may have."""

    distro: int
    allowed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Owner(Cause, Place):
    """The entry's owner is not root."""

    user: int
    group: int


@dataclass(frozen=True, slots=True)
class Attribute(Cause, Place):
    """The entry has an extended attribute: how many bytes, and the first ones as hex digits."""

    name: str
    size: int
    begins: str


@dataclass(frozen=True, slots=True)
class IsLink(Place):
    """The path is a link to this."""

    target: str


@dataclass(frozen=True, slots=True)
class LeadsTo(Place):
    """The link leads to this."""

    target: str


@dataclass(frozen=True, slots=True)
class Unlisted(Place):
    """A package's own list of its files does not have the path."""

    listed_in: str


@dataclass(frozen=True, slots=True)
class ListedOnly(Place):
    """A package's own list of its files has the path, but the package does not."""

    listed_in: str


@dataclass(frozen=True, slots=True)
class ListedKind(Place):
    """A package's own list says that the path is of another kind."""

    actual: str
    stated: str
    listed_in: str


class ListedField(enum.Enum):
    """A field of a file in a package's own list."""

    SIZE = "size"
    SHA256 = "sha256"
    LINK = "link"
    MODE = "mode"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class ListedAs(Place):
    """A package's own list of its files says something else of this field."""

    field: ListedField
    actual: str
    stated: str
    listed_in: str


@dataclass(frozen=True, slots=True)
class ActsOn(Place):
    """Who acts on the field of a package."""

    who: str
