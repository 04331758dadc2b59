"""Proves executables: makes a reference build, and compares each executable with it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from samego.compare.where import locate
from samego.model.causes.differences import DoesNotFollow, NotRebuilt, SourcesLacking
from samego.model.finding import Finding, Side
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.reference.control import Control, get_control
from samego.reference.guesses import try_guesses
from samego.reference.job import Host, ReferenceKind, changed_builders, changed_compilers
from samego.reference.settings import BuildSettings, settings_to_try
from samego.reference.store import ReferenceBuild, get_reference
from samego.rules import added_tool, embedded_settings, reference_build
from samego.rules.reference_build import BuildEvidence, prove_by_reference_build
from samego.rules.source_inputs import SETTINGS_FILE, compiled_otherwise, embedded_data, has_sources
from samego.system.progress import Progress

#: The rules whose findings a rebuild decides.
DECIDED = (embedded_settings.NAME, added_tool.NAME)


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes reference builds: how, with which toolchain, and where they are kept."""

    kind: ReferenceKind
    host: Host
    directory: Path
    progress: Progress

    def build(self, context: Context, settings: BuildSettings) -> ReferenceBuild:
        """A reference build for a package and settings. Raises BuildError and DiskFullError."""
        return get_reference(context, self.host, settings, self.kind, self.directory, self.progress)

    def control(self, context: Context) -> Control:
        """What this way of building gives of upstream's own source; see :mod:`control`."""
        stages = 2 if changed_compilers(context) else 1
        return get_control(context, self.host, self.kind, stages, self.directory, self.progress)


def needs_reference(findings: Iterable[Finding]) -> bool:
    """Whether there is anything that a rebuild would decide."""
    return any(_is_open(finding) for finding in findings)


def prove_by_reference(
    findings: Iterable[Finding], context: Context, builder: Builder
) -> tuple[Finding, ...]:
    """Decide the executables among ``findings`` by a reference build.

    Each becomes explained, or unexplained when the package's own sources and settings do
    not give it. The latter counts only where the same way of building gave upstream's own
    files of upstream's own source; where it did not, and where the package changes what
    builds, the whole build is tried first. Raises ControlError where that did not either, and
    BuildError when a reference build cannot be built.
    """
    findings = tuple(findings)
    undecided = [finding for finding in findings if _is_open(finding)]
    context.distro.load([finding.path for finding in undecided])
    decided = _try_settings(undecided, context, builder)
    if accuses(decided):
        decided = _founded(decided, undecided, context, builder)
    decided = _with_guesses(decided, context, builder)
    by_path = {finding.path: finding for finding in decided}
    return tuple(by_path.get(finding.path, finding) for finding in findings)


def accuses(findings: Iterable[Finding]) -> bool:
    """Whether the finding says that an executable does not follow from the package's sources."""
    return any(
        finding.standing is Standing.UNEXPLAINED and finding.rule == reference_build.NAME
        for finding in findings
    )


def _with_guesses(
    decided: Sequence[Finding], context: Context, builder: Builder
) -> Sequence[Finding]:
    """What no declared setting gave is tried with what may have made it so, the quick way."""
    settings = settings_to_try(context)[0]
    quick = partial(replace(builder, kind=ReferenceKind.QUICK).build, context)
    return try_guesses(decided, context, settings, quick, builder.progress)


def _founded(
    decided: Sequence[Finding], undecided: Sequence[Finding], context: Context, builder: Builder
) -> Sequence[Finding]:
    """The findings of a way of building that may accuse, because its control passed."""
    quick = builder.kind is ReferenceKind.QUICK
    if not (quick and changed_builders(context)):
        control = builder.control(context)
        if control.passes:
            return decided
        if not quick:
            raise control.error()
        builder.progress.note("go install does not give upstream's own files here: make.bash next")
    whole = replace(builder, kind=ReferenceKind.FULL)
    decided = _try_settings(undecided, context, whole)
    return _founded(decided, undecided, context, whole) if accuses(decided) else decided


def _try_settings(
    undecided: Sequence[Finding], context: Context, builder: Builder
) -> Sequence[Finding]:
    """Decide by a reference build; by several where the package does not state its settings.

    One is built with each declared candidate then, until one fits all.
    """
    candidates = settings_to_try(context)
    best: Sequence[Finding] = ()
    for settings in candidates:
        trial = _Trial(context, builder.build(context, settings), settings, candidates)
        decided = [trial.decide(finding) for finding in undecided]
        if not best or _passing(decided) > _passing(best):
            best = decided
        if _passing(best) == len(best):
            break
    return best


def hold_against(
    findings: Iterable[Finding], context: Context, reference: ReferenceBuild
) -> tuple[Finding, ...]:
    """Decide the executables among ``findings`` by a build of this package (see ``is_for``)."""
    findings = tuple(findings)
    context.distro.load([finding.path for finding in findings if _is_open(finding)])
    candidates = settings_to_try(context)
    fitting = (each for each in candidates if each.values == reference.settings)
    trial = _Trial(context, reference, next(fitting, candidates[0]), candidates)
    return tuple(trial.decide(finding) if _is_open(finding) else finding for finding in findings)


def _passing(findings: Iterable[Finding]) -> int:
    return sum(finding.standing.passes for finding in findings)


def _is_open(finding: Finding) -> bool:
    if finding.also:
        return False
    if finding.standing is Standing.UNPROVEN:
        return finding.rule in DECIDED
    # An executable that no rule accounts for may still follow from the package's sources.
    return finding.kind == "elf" and finding.side is Side.BOTH and finding.unaccounted


@dataclass(frozen=True, slots=True)
class _Trial:
    """Holds executables against one reference build, built with one of the ``candidates``."""

    context: Context
    reference: ReferenceBuild
    settings: BuildSettings
    candidates: Sequence[BuildSettings]

    def decide(self, finding: Finding) -> Finding:
        """The finding as the reference build leaves it."""
        built = self.reference.executable(finding.path)
        if built is None:
            name = posixpath.basename(finding.path)
            causes = (*finding.causes, NotRebuilt(name))
            return replace(finding, causes=causes, rebuild=False)
        distro = self.context.distro.read(finding.path)
        # What the reference build was not built from says nothing of it.
        given = set(finding.rests_on) - self.settings.generated.keys()
        settings = [SETTINGS_FILE] if compiled_otherwise(self.context) else []
        # What no rule accounted for is compiled from something that differs; from what is unseen.
        unseen = [] if finding.rule else self.reference.sources
        others = (*changed_compilers(self.context), *embedded_data(self.context))
        rests_on = sorted({*given, *settings, *unseen, *others})
        proof = prove_by_reference_build(finding.path, distro, built, rests_on, self._evidence())
        if proof is None:
            return self._does_not_follow(finding, distro, built)
        return replace(
            finding,
            standing=proof.standing,
            rule=proof.rule,
            causes=proof.causes,
            proof=proof,
            rests_on=proof.rests_on,
            where=(),
            rebuild=False,
            candidates=(),
        )

    def _evidence(self) -> BuildEvidence:
        reference = self.reference
        environment = " ".join(
            f"{key}={text}" for key, text in sorted(reference.environment.items())
        )
        return BuildEvidence(
            reference.key,
            reference.tool,
            reference.kind.value,
            reference.kind.command,
            environment,
            reference.network,
            self.settings.candidate,
        )

    def _does_not_follow(self, finding: Finding, distro: bytes, built: bytes) -> Finding:
        tried = tuple(each.candidate for each in self.candidates if each.candidate)
        if not has_sources(self.context.distro):
            causes = (*finding.causes, SourcesLacking(tried))
            return replace(finding, causes=causes, proof=None, rebuild=False)
        cause = DoesNotFollow(tried, self.reference.kind.command, self.reference.other_generated)
        return replace(
            finding,
            standing=Standing.UNEXPLAINED,
            rule=reference_build.NAME,
            causes=(cause,),
            proof=None,
            where=locate(distro, built),
            rebuild=False,
        )
