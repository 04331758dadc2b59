"""A report's findings that rest on a rebuild, compared with a reference build of a second check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.check.open_sides import Choice, open_host
from samego.config import Config
from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.model.finding import Finding
from samego.model.inputs import Context
from samego.reference.control import kept_control
from samego.reference.job import ReferenceKind
from samego.reference.prove import (
    Builder,
    accuses,
    hold_against,
    needs_reference,
    prove_by_reference,
)
from samego.reference.store import REFERENCE_DIRECTORY, ReferenceBuild, is_for, read_reference
from samego.rules import reference_build
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.verify.replay import Unrepeated


@dataclass(frozen=True, slots=True)
class ReferenceMeans:
    """Where a reference build may come from: built here, given, or kept by an earlier run."""

    config: Config
    spool: Spool
    progress: Progress
    rebuild: bool = False
    given: Path | None = None

    @property
    def directory(self) -> Path:
        """Where reference builds are kept."""
        return self.config.cache_directory / REFERENCE_DIRECTORY


def hold_against_reference(
    claims: Sequence[Finding], found: Sequence[Finding], context: Context, means: ReferenceMeans
) -> tuple[tuple[Finding, ...], tuple[Unrepeated, ...]]:
    """The findings with those decided that the report says a rebuild decided.

    Without a reference build they are reported as not repeated: those that the report says
    were proven, and those that it says differ. Raises InputError for a reference
    build that was given and is of other sources.
    """
    claimed = {claim.path: claim for claim in claims if claim.rule == reference_build.NAME}
    # A rebuild does not decide files that are proven without it or do not differ.
    mine = [finding for finding in found if finding.path in claimed and needs_reference([finding])]
    if not mine:
        return tuple(found), ()
    if means.rebuild:
        target = host_target()
        choice = Choice(means.config)
        host = open_host(choice, context.release, target, means.spool, means.progress)
        kind = _kind(claimed.values())
        builder = Builder(kind, host, means.directory, means.progress)
        decided = prove_by_reference(mine, context, builder)
    else:
        reference = _given(means.given, context) or _kept(claimed.values(), context, means)
        if reference is None:
            return tuple(found), tuple(_untold([claimed[finding.path] for finding in mine]))
        decided = hold_against(mine, context, reference)
        if accuses(decided):
            control = kept_control(context, reference, means.directory)
            if control is None or not control.passes:
                return tuple(found), tuple(_untold([claimed[finding.path] for finding in mine]))
    by_path = {finding.path: finding for finding in decided}
    return tuple(by_path.get(finding.path, finding) for finding in found), ()


def _given(place: Path | None, context: Context) -> ReferenceBuild | None:
    if place is None:
        return None
    reference = read_reference(place)
    if not is_for(reference, context):
        raise InputError(
            f"the reference build {place.name} was built from other sources than this package's",
            hint="give the one that the report names, or --rebuild",
        )
    return reference


def _kept(
    claims: Iterable[Finding], context: Context, means: ReferenceMeans
) -> ReferenceBuild | None:
    """The reference build that the report names, where an earlier run has left it in the cache."""
    for key in _keys(claims):
        place = means.directory / "built" / key
        # The key is the report's: it must name a directory there and nothing else.
        if key.isalnum() and place.is_dir():
            reference = read_reference(place)
            if is_for(reference, context):
                return reference
    return None


def _untold(claims: Sequence[Finding]) -> Iterator[Unrepeated]:
    keys = ", ".join(_keys(claims))
    which = f" (the report's is {keys})" if keys else ""
    needs = (
        f"a reference build{which}: --rebuild builds one here, --reference names one that is there"
    )
    proven = tuple(claim.path for claim in claims if claim.standing.passes)
    others = tuple(claim.path for claim in claims if not claim.standing.passes)
    if proven:
        yield Unrepeated(proven, "that upstream's source, built here, gives them", needs)
    if others:
        yield Unrepeated(others, "that a rebuild does not give them", needs)


def _keys(claims: Iterable[Finding]) -> list[str]:
    return sorted({str(c.proof.details.get("witness", "")) for c in claims if c.proof} - {""})


def _kind(claims: Iterable[Finding]) -> ReferenceKind:
    """How the report's reference build was built; the quick way where it does not say."""
    kinds = {str(c.proof.details.get("witness_kind", "")) for c in claims if c.proof}
    return ReferenceKind.FULL if ReferenceKind.FULL.value in kinds else ReferenceKind.QUICK
