"""The words of what a rule proved."""

from __future__ import annotations

from collections.abc import Sequence

from samego.model.causes import proofs
from samego.words.dispatch import said_cause as said
from samego.words.lists import first

_NO_DATE = "the build's date is not known"
#: How many names of one list a phrase spells out.
_NAMED = 3


@said.register
def _(cause: proofs.Stripped) -> str:
    return "stripped of its symbol table" if cause.symbols else "section headers rewritten"


@said.register
def _(_cause: proofs.OtherSignature) -> str:
    return "the code signature differs, and nothing else"


@said.register
def _(cause: proofs.RewrittenBy) -> str:
    changes = [
        *(f"{name!a} is gone" for name in cause.gone),
        *(f"{name!a} is new" for name in cause.new),
        *(f"{name!a} changed" for name in cause.changed),
        *([f"{cause.more} more"] if cause.more else []),
        *([cause.unlisted] if cause.unlisted else []),
    ]
    lost = f", which changed the contents: {', '.join(changes)}" if changes else ""
    return f"rewritten by {cause.tool}{lost}"


@said.register
def _(_cause: proofs.EqualContents) -> str:
    return "contents equal"


@said.register
def _(cause: proofs.NotReplayed) -> str:
    return f"not replayed: {cause.problem or _NO_DATE}"


@said.register
def _(cause: proofs.OtherReplay) -> str:
    return f"a replay with {cause.tool} {cause.version} did not give these bytes"


@said.register
def _(cause: proofs.FirstLineRewritten) -> str:
    return f"line 1 rewritten to {cause.line} by {cause.tool}"


@said.register
def _(cause: proofs.Patched) -> str:
    near = "; the package's own source is not available, this is the closest version served"
    origins = "; ".join(cause.origins) + ("" if cause.exact else near)
    return f"{cause.change.value} by {', '.join(cause.patches)} ({origins})"


@said.register
def _(cause: proofs.NotPatched) -> str:
    names = ", ".join(cause.patches)
    return f"may be {cause.change.value} by {names}, which was not applied: {cause.problem}"


@said.register
def _(cause: proofs.Replayed) -> str:
    patches = f" with {', '.join(cause.patches)}" if cause.patches else ""
    return f"{cause.change.value} by {cause.by}{patches}"


@said.register
def _(cause: proofs.GeneratedWith) -> str:
    return f"generated with the declared {first(_settings(cause.settings), _NAMED)}"


@said.register
def _(cause: proofs.EnvironmentSet) -> str:
    return f"the distro sets {', '.join(_settings(cause.variables))}"


@said.register
def _(cause: proofs.Embeds) -> str:
    embeds = [
        f"{values or 'the table of C compilers'} ({package})" for package, values in cause.settings
    ]
    return f"embeds {' and '.join(embeds)}, which the package was built with"


@said.register
def _(cause: proofs.CompiledFrom) -> str:
    return f"is compiled from changed sources ({first(cause.packages, _NAMED)})"


@said.register
def _(_cause: proofs.SettingsNotStated) -> str:
    return "embeds build settings that this package does not state"


@said.register
def _(cause: proofs.NotShippedUpstream) -> str:
    return f"built from {cause.package}, which upstream builds and does not ship"


@said.register
def _(cause: proofs.Declared) -> str:
    return f"{cause.reason}, as in {cause.origin}" if cause.origin else cause.reason


@said.register
def _(cause: proofs.PackagingFile) -> str:
    return f"the distro's packaging, as in {cause.origin}"


@said.register
def _(cause: proofs.Rebuilt) -> str:
    settings = "the package's settings and patches"
    if cause.searched:
        settings = f"{cause.searched}, the declared setting that fits"
    return f"rebuilt here from upstream's source with {settings}"


def _settings(settings: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}={value}" for name, value in settings]
