"""What a place says in English: one phrase for each kind, or a short diff.

``other`` is what the second file is called where it is not upstream's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from samego.model.places import archives, entries, executables, files
from samego.model.value import Place, Told

#: What the second file is called in most reports.
UPSTREAM = "upstream"


def phrase(places: Iterable[Place], other: str = UPSTREAM) -> str:
    """Where two files differ: phrases in a row, and lines where both are texts."""
    return "; ".join(said(place, other) for place in places)


def line(places: Iterable[Place], other: str = UPSTREAM) -> str:
    """The same in one line, without the beginning of a diff."""
    return "; ".join(
        _counts(place, other)
        if isinstance(place, files.Lines)
        else said(place, other).partition("\n")[0]
        for place in places
    )


@functools.singledispatch
def said(place: Place, _other: str = UPSTREAM) -> str:
    """What one place says. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(place.kind)


@said.register
def _(place: Told, _other: str = UPSTREAM) -> str:
    return place.words


# Files of any form.


@said.register
def _(_place: files.Nowhere, _other: str = UPSTREAM) -> str:
    return "no difference"


@said.register
def _(place: files.FirstByte, other: str = UPSTREAM) -> str:
    sizes = f" ({place.distro} bytes, {other} {place.upstream})"
    return f"first at byte {place.at}{'' if place.distro == place.upstream else sizes}"


@said.register
def _(place: files.OtherForm, other: str = UPSTREAM) -> str:
    return f"the package has {place.distro}, {other} {place.upstream}"


@said.register
def _(place: files.Unreadable, other: str = UPSTREAM) -> str:
    return f"{_file(other, second=place.upstreams)} is no sound ELF file: {place.problem}"


@said.register
def _(place: files.Lines, other: str = UPSTREAM) -> str:
    rest = "... more lines" if place.hidden is None else f"... {place.hidden} more lines"
    return "\n".join([_counts(place, other), *place.diff, *([] if place.whole else [rest])])


def _counts(place: files.Lines, other: str) -> str:
    packed = "contents: " if place.packed else ""
    return (
        f"{packed}from line {place.first} on: {_lines(place.distro)},"
        f" where {other} has {_lines(place.upstream)}"
    )


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines" if number else "nothing"


# Executables.


@said.register
def _(place: executables.BuiltWith, _other: str = UPSTREAM) -> str:
    settings = (f"{k}={m or 'nothing'}, not {o or 'nothing'}" for k, m, o in place.settings)
    return f"built with {' and '.join(settings)}"


@said.register
def _(place: executables.Address, _other: str = UPSTREAM) -> str:
    function = f" in {place.function}" if place.function else ""
    return f"{place.section} differs at {place.address:#x}{function}"


@said.register
def _(place: executables.SectionSize, other: str = UPSTREAM) -> str:
    return f"{place.section} has {place.distro} bytes, {other}'s {place.upstream}"


@said.register
def _(place: executables.SectionAddress, other: str = UPSTREAM) -> str:
    return f"{place.section} lies at {place.distro:#x}, {other}'s at {place.upstream:#x}"


@said.register
def _(place: executables.SectionHeader, _other: str = UPSTREAM) -> str:
    return f"the header of {place.section} differs"


@said.register
def _(place: executables.SectionsDiffer, _other: str = UPSTREAM) -> str:
    return f"{place.differing} of {place.loaded} loaded sections differ"


@said.register
def _(place: executables.OnlyDistroHas, _other: str = UPSTREAM) -> str:
    return f"only the package has {', '.join(place.sections)}"


@said.register
def _(place: executables.OnlyUpstreamHas, other: str = UPSTREAM) -> str:
    return f"only {other} has {', '.join(place.sections)}"


@said.register
def _(place: executables.Start, other: str = UPSTREAM) -> str:
    return f"it starts at {place.distro:#x}, {other}'s at {place.upstream:#x}"


@said.register
def _(_place: executables.ElfHeader, _other: str = UPSTREAM) -> str:
    return "the ELF header differs"


@said.register
def _(place: executables.Segments, other: str = UPSTREAM) -> str:
    return f"it has {place.distro} segments, {other}'s {place.upstream}"


@said.register
def _(place: executables.ProgramHeader, _other: str = UPSTREAM) -> str:
    return f"program header {place.number} differs"


@said.register
def _(place: executables.HiddenBytes, _other: str = UPSTREAM) -> str:
    return place.found


@said.register
def _(place: executables.NotLoaded, _other: str = UPSTREAM) -> str:
    return f"all loaded sections are equal; the files differ first at byte {place.at}"


@said.register
def _(place: executables.Entitlements, _other: str = UPSTREAM) -> str:
    return f"the code signature asks for {place.wanted}"


@said.register
def _(place: executables.UnreadableSignature, other: str = UPSTREAM) -> str:
    return f"{_file(other, second=True)}: {place.problem}" if place.upstreams else place.problem


# Archives.


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
    return "members of one name differ in number"


@said.register
def _(place: archives.MembersAgree, _other: str = UPSTREAM) -> str:
    if place.checksums:
        return "the members' names, sizes and checksums agree"
    return "the members agree; headers or order differ"


@said.register
def _(place: archives.MoreThanMembers, other: str = UPSTREAM) -> str:
    return f"{_file(other, second=place.upstreams)} has more than its members ({place.problem})"


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
    return "compressed in another way"


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


# What is beside the bytes.


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


def _file(other: str, *, second: bool) -> str:
    """One of the two files."""
    if not second:
        return "the package's file"
    return "upstream's file" if other == UPSTREAM else other


def _more(phrases: list[str], more: int) -> str:
    return "; ".join([*phrases, *([f"{more} more"] if more else [])])
