"""What is said of a file of upstream's that was rebuilt."""

from __future__ import annotations

from samego.model.causes import rebuilt_files
from samego.model.causes.rebuilt_files import SameBy
from samego.words.dispatch import said_cause as said

_SAME = {
    SameBy.SHA256: "the same bytes: its sha256 is the posted file's",
    SameBy.H1: "the same bytes: its h1 is the checksum database's",
    SameBy.BYTES: "the same bytes as the posted file",
}


@said.register
def _(cause: rebuilt_files.SameFile) -> str:
    return _SAME[cause.by]


@said.register
def _(_cause: rebuilt_files.SameMembers) -> str:
    return "every member is the same: its h1 is the checksum database's"


@said.register
def _(_cause: rebuilt_files.OtherZip) -> str:
    return "every member is the same, but the zip around them is written differently"


@said.register
def _(cause: rebuilt_files.OtherArchive) -> str:
    return f"all {cause.files} files are equal, but the archive around them is another"


@said.register
def _(cause: rebuilt_files.EqualFiles) -> str:
    files = (
        f"{cause.unsigned} executables differ in their code signature alone,"
        f" {cause.equal} files equal"
        if cause.unsigned
        else f"all {cause.equal} files are equal"
    )
    return f"it installs the rebuilt files: {files}" if cause.installed else files


@said.register
def _(cause: rebuilt_files.OtherFiles) -> str:
    return f"{cause.differences} differences, {cause.equal} files equal"


@said.register
def _(_cause: rebuilt_files.OtherH1) -> str:
    return "its h1 is not the checksum database's"


@said.register
def _(_cause: rebuilt_files.NobodyLists) -> str:
    return "no checksum source lists this file"


@said.register
def _(cause: rebuilt_files.NobodyAnswers) -> str:
    what = "whether it was posted" if cause.posted else "its posted sum"
    return f"{what} is not known: {'; '.join(cause.problems)}"


@said.register
def _(cause: rebuilt_files.NobodyStates) -> str:
    return cause.problem


@said.register
def _(_cause: rebuilt_files.PartsLacking) -> str:
    return "the module form lacks some of what it installs"


@said.register
def _(cause: rebuilt_files.ToolLacking) -> str:
    return f"{cause.problem} ({cause.hint})"


@said.register
def _(cause: rebuilt_files.PostedLacking) -> str:
    return f"the posted file is not available here ({cause.problem})"


@said.register
def _(cause: rebuilt_files.OtherSum) -> str:
    what = (
        "upstream's executables are signed"
        if cause.signed
        else "it is another file than was posted"
    )
    return f"{what}, and the posted file is not available here ({cause.problem})"
