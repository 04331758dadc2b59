"""The words of differences in a rebuilt package."""

from __future__ import annotations

from samego.model.causes import rebuilds
from samego.words.dispatch import said_cause as said


@said.register
def _(_cause: rebuilds.NotInRebuild) -> str:
    return "the rebuilt package lacks it"


@said.register
def _(_cause: rebuilds.OnlyInRebuild) -> str:
    return "only the rebuilt package has it"


@said.register
def _(cause: rebuilds.OtherKind) -> str:
    return f"a {cause.shipped}, rebuilt a {cause.rebuilt}"


@said.register
def _(cause: rebuilds.OtherTarget) -> str:
    return f"leads to {cause.shipped}, rebuilt to {cause.rebuilt}"


@said.register
def _(cause: rebuilds.OtherMode) -> str:
    return f"mode {cause.shipped:04o}, rebuilt {cause.rebuilt:04o}"


@said.register
def _(cause: rebuilds.OtherOwner) -> str:
    return f"owner {cause.shipped}, rebuilt {cause.rebuilt}"


@said.register
def _(_cause: rebuilds.OtherContents) -> str:
    return "the rebuilt file has different contents"


@said.register
def _(_cause: rebuilds.SameProgram) -> str:
    return "the same program; only bytes that are not loaded differ"


@said.register
def _(_cause: rebuilds.SameContents) -> str:
    return "the same contents; time stamps, order or headers differ"


@said.register
def _(_cause: rebuilds.SumsOfOthers) -> str:
    return "lists the sums of the files that differ"


@said.register
def _(_cause: rebuilds.OtherPacking) -> str:
    return (
        "the same members; what differs is the package's own form: time stamps, order, names of"
        " owners, or compression"
    )


@said.register
def _(cause: rebuilds.UnreadablePackage) -> str:
    return cause.problem
