"""Where two archives differ, in words."""

from __future__ import annotations

from samego.model.places import archives
from samego.words.dispatch import UPSTREAM, second_file
from samego.words.dispatch import said_place as said


@said.register
def _(place: archives.NotOneKind, other: str = UPSTREAM) -> str:
    return f"not archives of one kind ({place.distro} bytes, {other} {place.upstream})"


@said.register
def _(place: archives.NotListed, other: str = UPSTREAM) -> str:
    return f"{place.problem} ({place.distro} bytes, {other} {place.upstream})"


@said.register
def _(place: archives.Members, _other: str = UPSTREAM) -> str:
    members = [
        *(f"member {name!a} differs" for name in place.differing),
        *(f"member {name!a} is missing" for name in place.missing),
        *(f"member {name!a} is added" for name in place.added),
    ]
    return _more(members, place.more)


@said.register
def _(_place: archives.MemberNumber, _other: str = UPSTREAM) -> str:
    return "different numbers of members with one name"


@said.register
def _(place: archives.MembersAgree, _other: str = UPSTREAM) -> str:
    if place.checksums:
        return "the members' names, sizes and checksums agree"
    return "the members agree; headers or order differ"


@said.register
def _(place: archives.MoreThanMembers, other: str = UPSTREAM) -> str:
    return (
        f"{second_file(other, second=place.upstreams)} has more than its members ({place.problem})"
    )


@said.register
def _(_place: archives.ArchiveComment, _other: str = UPSTREAM) -> str:
    return "the archive's comment differs"


@said.register
def _(_place: archives.MemberOrder, _other: str = UPSTREAM) -> str:
    return "in another order"


_FIELDS = {
    "stamp": "time stamps",
    "local_extra": "local extra fields",
    "central_extra": "central extra fields",
    "external": "attributes",
    "flags": "flags",
    "data": "compression",
}


@said.register
def _(place: archives.MemberFields, _other: str = UPSTREAM) -> str:
    return f"{_FIELDS.get(place.field, place.field)} of {place.members} members"


@said.register
def _(place: archives.GzipField, other: str = UPSTREAM) -> str:
    return f"{place.field} {place.distro}, {other} {place.upstream}"


@said.register
def _(_place: archives.GzipCompression, _other: str = UPSTREAM) -> str:
    return "compressed differently"


@said.register
def _(place: archives.ChunkNumber, other: str = UPSTREAM) -> str:
    return f"{place.distro} chunks, {other} {place.upstream}"


@said.register
def _(place: archives.Chunks, other: str = UPSTREAM) -> str:
    chunks = [
        f"chunk {number} ({mine})" + (f", {other} {posted}" if posted != mine else "")
        for number, mine, posted in place.chunks
    ]
    return _more(chunks, place.more)


def _more(phrases: list[str], more: int) -> str:
    return "; ".join([*phrases, *([f"{more} more"] if more else [])])
