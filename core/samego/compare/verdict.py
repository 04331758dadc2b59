"""From findings to a verdict: effective standings, root causes, waivers, passing.

The rules (the design's words):

* A proof can rest on other findings, and theirs on others again. A finding's
  *effective* standing is the worst of its own and of all it rests on.
* The verdict of a whole is the worst effective standing; without findings it is
  identical. An unverified upstream file limits it to unproven, one that was built here and has no
  published checksum to explained.
* A consequence that ``breaks`` never passes, whatever the verdict, unless the user
  waived it by name. Paths that could not be compared change nothing here: they are
  counted and shown.
* A waiver changes no standing and no verdict. A report passes by waivers where they take all that
  would fail (samego.compare.waivers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from samego.compare.own_patches import patched_and_running
from samego.compare.waivers import Waivable, waived
from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing, worst
from samego.model.verification import Verification

#: Paths that are visited for root causes; a real report takes a few hundred.
_MOST_STEPS = 1_000_000
#: Explained, and no own patch reaches what runs.
UNPATCHED = "unpatched"
#: What can be required, the strictest first.
BARS = (Standing.IDENTICAL.value, Standing.EQUIVALENT.value, UNPATCHED, Standing.EXPLAINED.value)


class UpstreamSide(Protocol):
    """An upstream side: how it was verified, empty when it was not."""

    @property
    def verified(self) -> tuple[Verification, ...]:
        """Each way in which it was verified."""

    @property
    def confirmed(self) -> bool:
        """Whether a source states its checksum; else it was built here."""


class Judged(Waivable, Protocol):
    """What a verdict is made from; the report is one."""

    @property
    def upstream(self) -> UpstreamSide:
        """Upstream's side."""


@dataclass(frozen=True, slots=True)
class RootCause:
    """A finding that others rest on and that rests on no further one.

    ``followers`` are the paths that rest on it, directly or through others, sorted.
    """

    path: str
    followers: tuple[str, ...]


def effective(findings: Sequence[Finding]) -> dict[str, Standing]:
    """The effective standing of every finding, by path.

    A path that is rested on and has no finding is identical. Findings that rest on one
    another in a circle all get the worst standing of the circle.
    """
    own: dict[str, Standing] = {}
    for finding in findings:
        own[finding.path] = worst([finding.standing, own.get(finding.path, Standing.IDENTICAL)])
    followers = _followers(findings)
    result: dict[str, Standing] = {}
    # From the worst standing down: whatever can be reached from it gets it, and what has
    # one already has a worse one. Each path is visited once.
    for path in sorted(own, key=lambda path: -own[path].rank):
        for reached in _reach(path, followers, skip=result):
            result[reached] = own[path]
    return result


def verdict(report: Judged) -> Standing:
    """The verdict of a whole: its worst effective standing, capped where unverified."""
    # The worst own standing is the worst effective one: resting on others only copies it.
    return worst([*_caps(report), *(finding.standing for finding in report.findings)])


def _caps(report: Judged) -> list[Standing]:
    """What no verdict is better than, by how upstream's side was verified."""
    standings = []
    if not report.upstream.verified:
        standings.append(Standing.UNPROVEN)
    if not report.upstream.confirmed:
        standings.append(Standing.EXPLAINED)
    return standings


def confirmed_enough(report: Judged) -> bool:
    """Whether upstream's file is posted, or what was built here in its place is enough."""
    return report.upstream.confirmed or report.required.rank >= Standing.EXPLAINED.rank


def passes(report: Judged) -> bool:
    """Whether the verdict reaches what is required, but for what is waived, and nothing breaks.

    A finding that passes of itself and rests on what is waived passes with that.
    """
    by_waiver = waived(report)
    if report.unpatched and not by_waiver.keys() >= set(patched_and_running(report.findings)):
        return False
    standings = [each.standing for each in report.findings if each.path not in by_waiver]
    enough = worst([*_caps(report), *standings]).rank <= report.required.rank
    return enough and not breaking(report.findings)


def failing(report: Judged) -> frozenset[str]:
    """The paths that keep a report from passing: by their difference, or by what they break."""
    broken = {each.path for each in report.findings if breaking([each])}
    return differing(report) | broken


def differing(report: Judged) -> frozenset[str]:
    """The paths whose difference, or that of what they rest on, keeps a report from passing."""
    by_waiver = waived(report)
    left = [
        replace(each, standing=Standing.IDENTICAL) if each.path in by_waiver else each
        for each in report.findings
    ]
    standings = effective(left)
    patched = set(patched_and_running(report.findings)) if report.unpatched else set()
    return frozenset(
        each.path
        for each in report.findings
        if standings[each.path].rank > report.required.rank
        or (each.path in patched and each.path not in by_waiver)
    )


def bar_of(word: str) -> tuple[Standing, bool]:
    """What ``--require`` means: the worst standing that passes, and whether patches must not run.

    Raises ValueError for a word that is not in BARS.
    """
    if word not in BARS:
        raise ValueError(word)
    return (Standing.EXPLAINED, True) if word == UNPATCHED else (Standing(word), False)


def bar_word(report: Judged) -> str:
    """The word for what a report requires: one of BARS."""
    return UNPATCHED if report.unpatched else report.required.value


def breaking(findings: Iterable[Finding]) -> tuple[Consequence, ...]:
    """The consequences that break something and are not waived."""
    return tuple(
        consequence
        for finding in findings
        for consequence in finding.consequences
        if consequence.effect is Effect.BREAKS and not consequence.waived
    )


def tally(findings: Sequence[Finding]) -> dict[Standing, int]:
    """How many findings have each effective standing; every standing has a number."""
    standings = effective(findings)
    counts = dict.fromkeys(Standing, 0)
    for finding in findings:
        counts[standings[finding.path]] += 1
    return counts


def root_causes(findings: Sequence[Finding]) -> tuple[RootCause, ...]:
    """The findings that others rest on, those with most followers first.

    One that itself rests on a further finding is no root; of a circle each member is. A report
    from another source may hold endless chains and circles: then the rest is left out.
    """
    followers = _followers(findings)
    known = {finding.path for finding in findings}
    rests = {
        finding.path: [path for path in finding.rests_on if path in known and path != finding.path]
        for finding in findings
    }
    causes = []
    steps = 0
    # A path that rests on a root without causes of its own is no root: no circle leads back to it.
    followed: set[str] = set()
    for path in sorted(known & followers.keys(), key=lambda path: (bool(rests[path]), path)):
        if path in followed:
            continue
        reached = set(_reach(path, followers))
        if not rests[path]:
            followed |= reached
        steps += len(reached)
        if steps > _MOST_STEPS:
            break
        if reached.issuperset(rests[path]) and len(reached) > 1:
            causes.append(RootCause(path, tuple(sorted(reached - {path}))))
    return tuple(sorted(causes, key=lambda cause: (-len(cause.followers), cause.path)))


def waive(
    findings: Iterable[Finding], paths: Collection[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Mark the consequences of these paths as waived.

    Returns the findings, and the paths that no finding has a consequence for: those
    waivers were not needed.
    """
    used: set[str] = set()
    named = frozenset(paths)

    def waived(consequence: Consequence) -> Consequence:
        if consequence.path not in named:
            return consequence
        used.add(consequence.path)
        return replace(consequence, waived=True)

    result = tuple(
        replace(finding, consequences=tuple(map(waived, finding.consequences)))
        for finding in findings
    )
    return result, tuple(sorted(named - used))


def _followers(findings: Iterable[Finding]) -> Mapping[str, Sequence[str]]:
    """The paths that rest directly on each path."""
    followers: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        for path in finding.rests_on:
            followers[path].append(finding.path)
    return followers


def _reach(
    start: str, edges: Mapping[str, Sequence[str]], skip: Collection[str] = ()
) -> Iterator[str]:
    """``start`` and everything that can be reached from it, once each, but for ``skip``."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        path = pending.pop()
        if path in seen or path in skip:
            continue
        seen.add(path)
        yield path
        pending.extend(edges.get(path, ()))
