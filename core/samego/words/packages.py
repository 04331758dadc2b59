"""The words of what is wrong in a package's own statements."""

from __future__ import annotations

from samego.model.causes import packages
from samego.words.dispatch import said_cause as said


@said.register
def _(cause: packages.OwnListBroken) -> str:
    return f"the package contradicts its own {cause.listed_in}"


@said.register
def _(cause: packages.OtherRelease) -> str:
    nameless = ", which names no release of Go;" if cause.nameless else ","
    return f"{cause.what} is {cause.text}{nameless} its files are {cause.release}"


@said.register
def _(cause: packages.BuiltAsOther) -> str:
    return f"the files say {cause.release} (VERSION), {cause.executable} says {cause.built}"


@said.register
def _(cause: packages.AnyEpoch) -> str:
    return (
        f"the package's version is {cause.version}, with an epoch: {cause.manager} treats it as"
        f" newer than every {cause.package}"
    )


@said.register
def _(cause: packages.OtherEpoch) -> str:
    return (
        f"the package's version is {cause.version}, with the epoch {cause.epoch}: {cause.package}"
        f" has {cause.usual}, and {cause.manager} compares epochs first"
    )


@said.register
def _(cause: packages.UndeclaredMember) -> str:
    return f"the package has {cause.member} for {cause.manager}; {cause.distro}'s package has none"


@said.register
def _(cause: packages.UndeclaredField) -> str:
    problem = f"; {cause.problem}" if cause.problem else ""
    return f"{_field(cause)}, which {cause.package} does not have{problem}"


@said.register
def _(cause: packages.DeclaredField) -> str:
    return f"{_field(cause)}, as {cause.source} declares"


@said.register
def _(cause: packages.NotDeclaredField) -> str:
    return f"{_field(cause)}, which is not what {cause.source} declares"


@said.register
def _(cause: packages.OtherField) -> str:
    written = ", ".join(cause.written) or "nothing"
    return f"{_field(cause)}; {cause.tool} writes {written} by the {cause.recipe}"


@said.register
def _(cause: packages.LackedField) -> str:
    return f"{cause.field} lacks what {cause.distro} has: {cause.reason}"


@said.register
def _(cause: packages.RunsScript) -> str:
    return (
        f"{cause.manager} runs the package's {cause.script} when the package is changed or removed"
    )


@said.register
def _(cause: packages.UnreadableArchive) -> str:
    return f"it cannot be read ({cause.problem})"


@said.register
def _(cause: packages.OtherUnpacked) -> str:
    more = f" and {cause.more} more" if cause.more else ""
    return f"its contents differ from what was unpacked ({cause.path}{more})"


@said.register
def _(cause: packages.OtherHash) -> str:
    return f"it says {cause.stated!r}, the zip's hash is {cause.computed}"


@said.register
def _(cause: packages.UndeclaredValue) -> str:
    return f"{cause.field} has {cause.value!r}, which no policy declares; {cause.acts}"


@said.register
def _(cause: packages.OtherPlatform) -> str:
    return f"{cause.field} is {cause.said}, the tools are for {cause.target}"


def _field(
    cause: packages.UndeclaredField
    | packages.DeclaredField
    | packages.NotDeclaredField
    | packages.OtherField,
) -> str:
    return f"{cause.field}: {', '.join(cause.values) or 'nothing'}"
