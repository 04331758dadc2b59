"""What a cause says in English: one phrase for each kind."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from samego.model.causes import differences, packages, proofs, rebuilds, settings
from samego.model.places import entries
from samego.model.value import Cause, Told
from samego.words import places
from samego.words.lists import first

_NO_DATE = "the build's date is not known"
#: How many names of one list a phrase spells out.
_NAMED = 3


def phrase(causes: Iterable[Cause]) -> str:
    """The causes of one difference, the first one first."""
    return "; ".join(map(said, causes))


@functools.singledispatch
def said(cause: Cause) -> str:
    """What one cause says. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(cause.kind)


@said.register
def _(cause: Told) -> str:
    return cause.words


@said.register(entries.Mode)
@said.register(entries.UnusualMode)
@said.register(entries.Owner)
@said.register(entries.Attribute)
def _(cause: entries.Mode) -> str:
    return places.said(cause)


# What rules found.


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
    near = "; its own source package is not at hand, this is the nearest served"
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
    return "embeds build settings, and the package at hand does not state with which it was built"


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
        settings = f"{cause.searched}, of the declared settings the one that fits"
    return f"rebuilt here from upstream's source with {settings}"


# What nothing accounts for.


@said.register
def _(_cause: differences.Unaccounted) -> str:
    return "nothing accounts for this difference"


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
    return "upstream's own file misses its pin"


@said.register
def _(cause: differences.AgainstExecutable) -> str:
    return (
        f"but no build gives both: {cause.executable} is compiled from it, and the package ships"
        " upstream's own"
    )


@said.register
def _(cause: differences.NotRebuilt) -> str:
    return f"the rebuild gives no {cause.name}"


@said.register
def _(cause: differences.SourcesLacking) -> str:
    tried = _tried(cause.tried)
    sources = f"upstream's sources with {tried}" if tried else "upstream's sources"
    return (
        f"{sources} do not give it, and the package's own sources are not at hand: name the"
        " package that has them as well"
    )


@said.register
def _(cause: differences.DoesNotFollow) -> str:
    tried = _tried(cause.tried)
    settings = f", with none of the declared settings ({tried})" if tried else " and settings"
    others = ", ".join(cause.generated)
    generated = f" (cmd/dist does not write {others} as the package ships it)" if others else ""
    return (
        f"does not follow from the package's own sources{settings}: rebuilt here by"
        f" {cause.command}, it comes out different (upstream's own source gives upstream's files"
        f" that way){generated}"
    )


# What files of settings say.


@said.register
def _(_cause: settings.NoSettingChanged) -> str:
    return "no setting differs: only comments, or lines that set nothing"


@said.register
def _(cause: settings.SettingChanged) -> str:
    before = "upstream does not set it" if cause.upstream is None else f"upstream {cause.upstream}"
    has = "not set" if cause.distro is None else cause.distro or "empty"
    return f"{cause.name} is {has}, {before}: {cause.effect or _USUAL_EFFECT}"


_USUAL_EFFECT = "the go command takes it where neither the environment nor 'go env -w' sets another"


@said.register
def _(cause: settings.MoreSettings) -> str:
    return f"and {cause.number} more settings"


@said.register
def _(cause: settings.OtherVersion) -> str:
    said_here = f"it says {cause.distro or 'nothing'}, upstream {cause.upstream}"
    if cause.unread:
        return f"{said_here}: the go command reads no release in that"
    suffix = f", with the suffix {cause.suffix}" if cause.suffix else ""
    return f"{said_here}{suffix}: what is built from here calls itself {cause.distro}"


# What a package says of itself.


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
        f"the package's version is {cause.version}, with an epoch: {cause.manager} takes it for"
        f" newer than every {cause.package}"
    )


@said.register
def _(cause: packages.OtherEpoch) -> str:
    return (
        f"the package's version is {cause.version}, with the epoch {cause.epoch}: {cause.package}"
        f" has {cause.usual}, and {cause.manager} goes by it before all else"
    )


@said.register
def _(cause: packages.UndeclaredMember) -> str:
    return f"{cause.manager}'s database has {cause.member}, and {cause.distro} brings none"


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
        f"{cause.manager} runs {cause.script} of its database when the package is changed or"
        " removed"
    )


@said.register
def _(cause: packages.UnreadableArchive) -> str:
    return f"it cannot be read ({cause.problem})"


@said.register
def _(cause: packages.OtherUnpacked) -> str:
    more = f" and {cause.more} more" if cause.more else ""
    return f"it does not hold what was unpacked ({cause.path}{more})"


@said.register
def _(cause: packages.OtherHash) -> str:
    return f"it says {cause.stated!r}, the zip's hash is {cause.computed}"


@said.register
def _(cause: packages.UndeclaredValue) -> str:
    return f"{cause.field} has {cause.value!r}, which no policy declares; {cause.acts}"


@said.register
def _(cause: packages.OtherPlatform) -> str:
    return f"{cause.field} is {cause.said}, the tools are for {cause.target}"


# What a rebuild of the package gave.


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
    return "the rebuilt file has other contents"


@said.register
def _(_cause: rebuilds.SameProgram) -> str:
    return "the same program; what is not loaded differs"


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


def _settings(settings: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}={value}" for name, value in settings]


def _tried(candidates: Sequence[str]) -> str:
    return ", or ".join(candidates)


def _field(
    cause: packages.UndeclaredField
    | packages.DeclaredField
    | packages.NotDeclaredField
    | packages.OtherField,
) -> str:
    return f"{cause.field}: {', '.join(cause.values) or 'nothing'}"
