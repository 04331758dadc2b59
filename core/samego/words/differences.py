"""The words of differences that no rule explains."""

from __future__ import annotations

from collections.abc import Sequence

from samego.model.candidate import Setting
from samego.model.causes import differences
from samego.words import candidates
from samego.words.dispatch import said_cause as said


@said.register
def _(_cause: differences.Unaccounted) -> str:
    return "nothing accounts for this difference"


@said.register
def _(cause: differences.BytesOf) -> str:
    return f"this is the file of {cause.release}, to the byte"


@said.register
def _(_cause: differences.OnlyInPackage) -> str:
    return "only the package has this file"


@said.register
def _(_cause: differences.LackedByPackage) -> str:
    return "the package lacks this file"


@said.register
def _(_cause: differences.EmptyDirectory) -> str:
    return "an empty directory, which only the package has"


@said.register
def _(_cause: differences.EmptyOutside) -> str:
    return "an empty directory outside GOROOT, and no part of the declared packaging"


@said.register
def _(cause: differences.OutsideGoroot) -> str:
    return f"outside GOROOT, and no part of the declared packaging ({cause.directory})"


@said.register
def _(_cause: differences.UndeclaredLink) -> str:
    return "a link that the distro's layout does not declare"


@said.register
def _(cause: differences.NotOfSource) -> str:
    return f"not what {cause.source} {'has: it has no such file' if cause.absent else 'gives'}"


@said.register
def _(_cause: differences.UpstreamsPinBroken) -> str:
    return "upstream's own file does not match its pin"


@said.register
def _(cause: differences.AgainstExecutable) -> str:
    return (
        f"but no build gives both: {cause.executable} is compiled from it, and the package ships"
        " upstream's own"
    )


@said.register
def _(cause: differences.NotRebuilt) -> str:
    return f"the rebuild does not produce {cause.name}"


@said.register
def _(cause: differences.SourcesLacking) -> str:
    tried = _tried(cause.tried)
    sources = f"upstream's sources with {tried}" if tried else "upstream's sources"
    return (
        f"{sources} do not give it, and the package's own sources are not available: also name"
        " the package that has them"
    )


@said.register
def _(cause: differences.FollowsWith) -> str:
    given = candidates.settings_phrase(Setting(*each) for each in cause.settings)
    return (
        f"rebuilt here by {cause.command} with {given} it comes out the same, and nobody declares"
        " that"
    )


@said.register
def _(cause: differences.DoesNotFollow) -> str:
    tried = _tried(cause.tried)
    settings = f", with none of the declared settings ({tried})" if tried else " and settings"
    others = ", ".join(cause.generated)
    generated = f" (cmd/dist does not write {others} as the package ships it)" if others else ""
    return (
        f"does not follow from the package's own sources{settings}: {cause.command}"
        " gives other bytes here (on upstream's own source it gives upstream's"
        f" files){generated}"
    )


def _tried(candidates: Sequence[str]) -> str:
    return ", or ".join(candidates)
