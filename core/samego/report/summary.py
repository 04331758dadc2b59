"""What a report comes to, as values: computed once, and given to every formatter.

Findings are grouped by their effective standing and what decided it, so that a
toolchain's fourteen executables with one cause are one thing to look at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from samego.compare import verdict as judging
from samego.compare.own_patches import patched_and_running
from samego.compare.verdict import RootCause
from samego.compare.waivers import taken, waived, waives_break
from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.report import Report
from samego.model.value import Cause
from samego.model.waiver import Waiver
from samego.report.own_patches import OwnPatch, own_patches
from samego.words import causes, failures

#: The findings of a rule are split by cause when they have no more causes than this.
_CAUSES = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one effective standing that were decided alike, sorted by path.

    ``label`` is a phrase for a person. ``roots`` are the paths that these findings owe
    their standing to, where their own is better.
    """

    standing: Standing
    label: str
    findings: tuple[Finding, ...]
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """A report with what follows from its findings."""

    report: Report

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """The effective standing of every finding, by path."""
        return judging.effective(self.report.findings)

    @cached_property
    def verdict(self) -> Standing:
        """The verdict of the whole."""
        return judging.verdict(self.report)

    @cached_property
    def running(self) -> frozenset[str]:
        """The paths that own patches changed and that take part in what runs."""
        return frozenset(patched_and_running(self.report.findings))

    @cached_property
    def passes(self) -> bool:
        """Whether the verdict reaches what is required and nothing unwaived breaks."""
        return judging.passes(self.report)

    @cached_property
    def failing(self) -> frozenset[str]:
        """The paths that keep it from passing: by their difference, or by what they break."""
        return judging.failing(self.report)

    @cached_property
    def differing(self) -> frozenset[str]:
        """The paths whose difference, or that of what they rest on, keeps it from passing."""
        return judging.differing(self.report)

    @cached_property
    def waived(self) -> Mapping[str, Waiver]:
        """The paths that would fail and are waived, each with the waiver that takes it."""
        return waived(self.report)

    @cached_property
    def waived_breaks(self) -> Mapping[str, Waiver]:
        """The files that break something, where that is waived, each with its waiver."""
        waivers = self.report.waivers
        found = {item.path: waives_break(waivers, item) for item in self.report.consequences}
        return {path: waiver for path, waiver in found.items() if waiver is not None}

    @cached_property
    def waivers(self) -> tuple[tuple[Waiver, tuple[str, ...]], ...]:
        """The waivers that are about the subject, each with the paths that it takes."""
        paths = taken(self.report)
        return tuple((each, paths.get(n, ())) for n, each in enumerate(self.report.waivers))

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many paths have each effective standing, and how many were not compared.

        An identical path that has a finding for its consequences is counted once.
        """
        found = dict.fromkeys((standing.value for standing in Standing), 0)
        for finding in self.report.findings:
            found[self.standings[finding.path].value] += 1
        found[Standing.IDENTICAL.value] = self.report.identical
        found["not_compared"] = sum(group.count for group in self.report.not_compared)
        return found

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings sorted by path."""
        return tuple(sorted(self.report.findings, key=lambda finding: finding.path))

    @cached_property
    def groups(self) -> Mapping[Standing, tuple[Group, ...]]:
        """The findings of each effective standing in groups, the largest group first."""
        return _groups(self.report, self.standings)

    @cached_property
    def roots(self) -> tuple[RootCause, ...]:
        """The findings that others rest on, those with most followers first."""
        return judging.root_causes(self.report.findings)

    @cached_property
    def patches(self) -> tuple[OwnPatch, ...]:
        """The distro's own patches that changed a path, in the order of the series."""
        return own_patches(self.report, self.running)

    @cached_property
    def consequences(self) -> tuple[Consequence, ...]:
        """The consequences: those that break first, waived ones after the others."""
        return _ordered_consequences(self.report)

    def command_of(self, consequence: Consequence) -> str:
        """The command that shows a consequence on a machine with the packages; may be empty."""
        return failures.command(consequence, self.report.subject.place)

    @cached_property
    def breaking(self) -> tuple[Consequence, ...]:
        """The consequences that break something and are not waived."""
        return judging.breaking(self.report.findings)


def alike(consequences: Sequence[Consequence]) -> list[tuple[Consequence, tuple[str, ...]]]:
    """The first consequence of each kind and pin, with the paths that share them."""
    found: defaultdict[object, list[Consequence]] = defaultdict(list)
    for item in consequences:
        found[item.effect, item.waived, item.side, item.pinned_in].append(item)
    return [(first, tuple(item.path for item in rest)) for first, *rest in found.values()]


def _groups(report: Report, standings: Mapping[str, Standing]) -> dict[Standing, tuple[Group, ...]]:
    """The findings of each effective standing in groups, the largest group first."""
    by_rule: defaultdict[tuple[Standing, str], list[Finding]] = defaultdict(list)
    dragged: defaultdict[Standing, list[Finding]] = defaultdict(list)
    for finding in sorted(report.findings, key=lambda finding: finding.path):
        standing = standings[finding.path]
        if finding.standing is standing:
            by_rule[standing, finding.rule].append(finding)
        else:
            dragged[standing].append(finding)
    result: dict[Standing, list[Group]] = {standing: [] for standing in Standing}
    for (standing, rule), findings in by_rule.items():
        result[standing] += _by_cause(standing, rule, findings)
    for standing, findings in dragged.items():
        roots = _roots(standing, findings, report.findings)
        label = "proven, except what they rest on"
        result[standing].append(Group(standing, label, tuple(findings), roots))
    return {
        standing: tuple(sorted(items, key=lambda group: (-len(group.findings), group.label)))
        for standing, items in result.items()
    }


def _ordered_consequences(report: Report) -> tuple[Consequence, ...]:
    """The consequences: those that break first, waived ones after the others."""
    return tuple(
        sorted(
            report.consequences,
            key=lambda item: (item.effect is Effect.LATENT, item.waived, item.path),
        )
    )


def _by_cause(standing: Standing, rule: str, findings: Sequence[Finding]) -> list[Group]:
    by_cause: defaultdict[tuple[Cause, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_cause[finding.causes].append(finding)
    if len(by_cause) > _CAUSES and rule:
        label = f"{rule.replace('_', ' ')}, {len(by_cause)} causes"
        return [Group(standing, label, tuple(findings))]
    return [
        Group(
            standing,
            causes.phrase(why) or rule.replace("_", " ") or "no cause known",
            tuple(members),
        )
        for why, members in by_cause.items()
    ]


def _roots(
    standing: Standing, dragged: Sequence[Finding], findings: Sequence[Finding]
) -> tuple[str, ...]:
    """The findings of exactly this own standing that the dragged ones rest on."""
    by_path = {finding.path: finding for finding in findings}
    seen: set[str] = set()
    pending = [path for finding in dragged for path in finding.rests_on]
    roots = set()
    while pending:
        path = pending.pop()
        if path in seen or path not in by_path:
            continue
        seen.add(path)
        if by_path[path].standing is standing:
            roots.add(path)
        pending += by_path[path].rests_on
    return tuple(sorted(roots))
