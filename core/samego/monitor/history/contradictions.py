"""Reports on the same packages that cannot both be right.

A run that proves more than an earlier one of the same people adds to it, and contradicts nothing:
a source package or a rebuild was available. Nor does one that had less: what it could not explain
for, it could not know. One that had as much and says worse, from whomever, is shown beside the
other, and the worse one first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from samego.model.proof import Standing
from samego.monitor.history.evidence import Evidence
from samego.monitor.history.known import accuses, settles
from samego.monitor.history.record import Run

#: Gives a run's finding for each path; None where its report is gone.
Fetch = Callable[[Run], "Evidence | None"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Runs on the same bytes, of which each contradicts another; the worst one first."""

    runs: tuple[Run, ...]


def contradictions(runs: Iterable[Run], evidence: Fetch = lambda _run: None) -> list[Contradiction]:
    """What contradicts each other among ``runs``, which are in the order of time.

    Only what differs as a whole is looked into: ``evidence`` is asked for few of them.
    """
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.bytes and not run.experiment:
            groups[run.bytes].append(run)
    found = []
    for group in groups.values():
        if not any(_differ(group[0], run) for run in group):
            continue
        latest = _latest(group, evidence)
        taking_part = [
            run for run in latest if any(_contradict(run, other, evidence) for other in latest)
        ]
        if taking_part:
            found.append(Contradiction(tuple(sorted(taking_part, key=_worst_first))))
    return found


def _differ(one: Run, other: Run) -> bool:
    return one.verdict is not other.verdict or set(one.breaking) != set(other.breaking)


def _latest(group: Sequence[Run], evidence: Fetch) -> list[Run]:
    """Each owner's last result, unless it is worse than the one before: then both."""
    kept: list[Run] = []
    for run in group:
        kept = [
            other
            for other in kept
            if other.owner != run.owner or not _adds_to(run, other, evidence)
        ]
        kept.append(run)
    return kept


def _adds_to(later: Run, earlier: Run, evidence: Fetch) -> bool:
    """Whether a run answers all that an earlier one said, and says no worse."""
    if not set(later.breaking) <= set(earlier.breaking):
        return False
    if later.verdict.rank > earlier.verdict.rank:
        return False
    if earlier.verdict is not Standing.UNEXPLAINED:
        return True
    new, old = evidence(later), evidence(earlier)
    return new is None or old is None or settles(new, old)


def _contradict(one: Run, other: Run, evidence: Fetch) -> bool:
    """Whether two runs on the same bytes cannot both be right.

    An unproven difference does not contradict its proof in another run.
    """
    if set(one.breaking) != set(other.breaking):
        return True
    if Standing.UNEXPLAINED not in (one.verdict, other.verdict):
        return False
    mine, theirs = evidence(one), evidence(other)
    if mine is None or theirs is None:
        return one.verdict is not other.verdict and (one.passes or other.passes)
    return accuses(mine, theirs) or accuses(theirs, mine)


def _worst_first(run: Run) -> tuple[int, int, bool, str]:
    return -run.verdict.rank, -len(run.breaking), bool(run.owner), run.digest
