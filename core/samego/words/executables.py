"""Where two executables differ, in words."""

from __future__ import annotations

from samego.model.places import executables
from samego.words.dispatch import UPSTREAM, second_file
from samego.words.dispatch import said_place as said


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
    return f"{place.section} is at {place.distro:#x}, {other}'s at {place.upstream:#x}"


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
    return (
        f"{second_file(other, second=True)}: {place.problem}" if place.upstreams else place.problem
    )
