"""Where two files differ, in words."""

from __future__ import annotations

from samego.model.places import files
from samego.words.dispatch import UPSTREAM, second_file
from samego.words.dispatch import said_place as said


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
    return f"{second_file(other, second=place.upstreams)} is not a valid ELF file: {place.problem}"


@said.register
def _(place: files.Lines, other: str = UPSTREAM) -> str:
    rest = "... more lines" if place.hidden is None else f"... {place.hidden} more lines"
    return "\n".join([counts(place, other), *place.diff, *([] if place.whole else [rest])])


def counts(place: files.Lines, other: str) -> str:
    """How many lines differ, in one line."""
    packed = "contents: " if place.packed else ""
    return (
        f"{packed}from line {place.first} on: {_lines(place.distro)},"
        f" where {other} has {_lines(place.upstream)}"
    )


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines" if number else "nothing"
