"""Reports on the same packages that cannot both be right.

A run that proves more than an earlier one of the same people adds to it, and contradicts nothing:
a source package or a rebuild was at hand. One that says worse, or that comes from somebody
else, is shown beside the other, and the worse one first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from samego.model.proof import Standing
from samego.monitor.history.record import Run


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Runs on the same bytes, of which each contradicts another; the worst one first."""

    runs: tuple[Run, ...]


def contradictions(runs: Iterable[Run]) -> list[Contradiction]:
    """What contradicts each other among ``runs``, which are in the order of time."""
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.bytes:
            groups[run.bytes].append(run)
    found = []
    for group in groups.values():
        latest = _latest(group)
        taking_part = [run for run in latest if any(_contradict(run, other) for other in latest)]
        if taking_part:
            found.append(Contradiction(tuple(sorted(taking_part, key=_worst_first))))
    return found


def _latest(group: Sequence[Run]) -> list[Run]:
    """Each owner's last result, unless it is worse than the one before: then both."""
    kept: list[Run] = []
    for run in group:
        kept = [other for other in kept if other.owner != run.owner or not _adds_to(run, other)]
        kept.append(run)
    return kept


def _adds_to(later: Run, earlier: Run) -> bool:
    """Whether a run says no worse than an earlier one."""
    return later.verdict.rank <= earlier.verdict.rank and set(later.breaking) <= set(
        earlier.breaking
    )


def _contradict(one: Run, other: Run) -> bool:
    """Whether two runs on the same bytes cannot both be right.

    That nobody has replayed something yet (unproven) is no contradiction to its proof.
    """
    verdicts = {one.verdict, other.verdict}
    accused = Standing.UNEXPLAINED in verdicts and any(each.passes for each in verdicts)
    return accused or set(one.breaking) != set(other.breaking)


def _worst_first(run: Run) -> tuple[int, int, bool, str]:
    return -run.verdict.rank, -len(run.breaking), bool(run.owner), run.digest
