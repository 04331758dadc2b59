"""What differs besides the bytes, in words."""

from __future__ import annotations

from samego.model.places import entries
from samego.words.dispatch import UPSTREAM
from samego.words.dispatch import said_place as said


@said.register
def _(place: entries.Mode, other: str = UPSTREAM) -> str:
    return f"mode {place.distro:04o}, {other} {place.upstream:04o}"


@said.register
def _(place: entries.UnusualMode, _other: str = UPSTREAM) -> str:
    allowed = " or ".join(f"{mode:04o}" for mode in place.allowed)
    return f"mode {place.distro:04o}, not {allowed}"


@said.register
def _(place: entries.Owner, _other: str = UPSTREAM) -> str:
    return f"owned by uid {place.user}, gid {place.group}, not by root"


@said.register
def _(place: entries.Attribute, other: str = UPSTREAM) -> str:
    more = " ..." if len(place.begins) // 2 < place.size else ""
    return (
        f"has the extended attribute {place.name} ({place.size} bytes: {place.begins}{more}),"
        f" {other} none"
    )


@said.register
def _(place: entries.IsLink, _other: str = UPSTREAM) -> str:
    return f"is a link to {place.target}"


@said.register
def _(place: entries.LeadsTo, _other: str = UPSTREAM) -> str:
    return f"leads to {place.target}"


@said.register
def _(place: entries.Unlisted, _other: str = UPSTREAM) -> str:
    return f"{place.listed_in} does not list it"


@said.register
def _(place: entries.ListedOnly, _other: str = UPSTREAM) -> str:
    return f"{place.listed_in} lists it, and the package lacks it"


@said.register
def _(place: entries.ListedKind, _other: str = UPSTREAM) -> str:
    return f"a {place.actual}, {place.listed_in} says a {place.stated}"


@said.register
def _(place: entries.ListedAs, _other: str = UPSTREAM) -> str:
    field = "leads to" if place.field is entries.ListedField.LINK else place.field.value
    return f"{field} {place.actual}, {place.listed_in} says {place.stated}"


@said.register
def _(place: entries.ActsOn, _other: str = UPSTREAM) -> str:
    return f"who acts on it: {place.who}"
