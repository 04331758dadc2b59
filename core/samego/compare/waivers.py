"""What waivers take: which findings that would fail a report may be there all the same.

* A waiver takes only what would fail: findings whose own standing is worse than what is required,
  own patches in what runs where these are not allowed, and what breaks.
* What rests on such a finding needs no waiver of its own: its root is waived by name.
* A cause's or rule's waiver takes a finding only where nothing but that differs.
* A contradiction of what a package says of itself, an executable that does not follow from the
  package's own sources, and what breaks are taken only by a line that names exactly that path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from samego.compare.identity import KIND
from samego.compare.own_patches import patched_and_running
from samego.model.causes.packages import AnyEpoch, BuiltAsOther, OtherEpoch, OtherRelease
from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.subject import Subject
from samego.model.waiver import Takes, Waiver
from samego.rules import reference_build

_CONTRADICTIONS = (AnyEpoch, BuiltAsOther, OtherEpoch, OtherRelease)


class Waivable(Protocol):
    """What waivers apply to; the report is one."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every path that is not identical."""

    @property
    def required(self) -> Standing:
        """The worst standing that passes."""

    @property
    def unpatched(self) -> bool:
        """Whether an own patch that reaches what runs does not pass."""

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers that are about this."""


def about(waivers: Iterable[Waiver], subject: Subject) -> tuple[Waiver, ...]:
    """Those that are about a subject: without a package, or with one of its packages."""
    names = {package.name for package in subject.packages}
    names |= {name.rpartition("-")[0] for name in names}
    named = {f"{name}={package.version}" for package in subject.packages for name in names}
    return tuple(each for each in waivers if each.package in {"", *names, *named})


def taken(report: Waivable) -> Mapping[int, tuple[str, ...]]:
    """The paths that each waiver in force takes, by its place among the report's waivers."""
    if not report.waivers:
        return {}
    failing = _failing(report)
    broken = [
        item
        for finding in report.findings
        for item in finding.consequences
        if item.effect is Effect.BREAKS
    ]
    return {
        number: tuple(sorted(_taken_by(waiver, failing, broken)))
        for number, waiver in enumerate(report.waivers)
        if not waiver.expired
    }


def waived(report: Waivable) -> Mapping[str, Waiver]:
    """The findings' paths that are waived, each with the first waiver that takes it.

    Of several findings with one path, all must be taken.
    """
    found: dict[str, Waiver] = {}
    if not report.waivers:
        return found
    open_: set[str] = set()
    for finding in _failing(report):
        by = next((waiver for waiver in report.waivers if takes(waiver, finding)), None)
        if by is None:
            open_.add(finding.path)
        else:
            found.setdefault(finding.path, by)
    return {path: waiver for path, waiver in found.items() if path not in open_}


def waives_break(waivers: Sequence[Waiver], consequence: Consequence) -> Waiver | None:
    """The first waiver in force of what breaks because of a file; None without one."""
    return next((waiver for waiver in waivers if _takes_break(waiver, consequence)), None)


def takes(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver takes a finding that would fail."""
    if waiver.expired or waiver.takes is Takes.BREAKS or not waiver.matches(finding.path):
        return False
    if needs_its_name(finding):
        return waiver.exact
    if waiver.takes is Takes.CAUSE:
        return {cause.kind for cause in finding.causes} == {waiver.name}
    if waiver.takes is Takes.RULE:
        return finding.rule == waiver.name
    return True


def needs_its_name(finding: Finding) -> bool:
    """Whether nothing but a line with exactly this path may waive a finding."""
    alarm = finding.standing is Standing.UNEXPLAINED and finding.rule == reference_build.NAME
    contradicts = finding.kind == KIND or any(
        isinstance(cause, _CONTRADICTIONS) for cause in finding.causes
    )
    return alarm or contradicts


def _failing(report: Waivable) -> list[Finding]:
    """The findings that fail of themselves, by what is required."""
    patched = set(patched_and_running(report.findings)) if report.unpatched else set()
    return [
        finding
        for finding in report.findings
        if finding.standing.rank > report.required.rank or finding.path in patched
    ]


def _taken_by(
    waiver: Waiver, failing: Iterable[Finding], broken: Iterable[Consequence]
) -> Iterator[str]:
    if waiver.takes is Takes.BREAKS:
        yield from {item.path for item in broken if _takes_break(waiver, item)}
    else:
        yield from {finding.path for finding in failing if takes(waiver, finding)}


def _takes_break(waiver: Waiver, item: Consequence) -> bool:
    return (
        not waiver.expired
        and waiver.takes is Takes.BREAKS
        and item.effect is Effect.BREAKS
        and waiver.pattern == item.path
    )
