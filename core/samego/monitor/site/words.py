"""What a run comes to, in a word and a sign, and why."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.proof import Standing
from samego.monitor.history.record import Run
from samego.report.reasons import ReasonKind, phrase
from samego.report.words import amount
from samego.system.terminal import visible

_BETWEEN = "; "
#: A reason names so many paths that break.
_PATHS = 2
#: What a rebuild of the packages gave, where it is worth a word beside the verdict.
_REPRODUCTIONS = {
    "same": "a rebuild makes the same packages",
    "different": "a rebuild makes other packages",
    "failed": "a rebuild fails",
}


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One outcome. ``style`` is its class in the style sheet; a higher ``rank`` is worse.

    ``waived`` says that it passes for what somebody waived.
    """

    word: str
    sign: str
    style: str
    rank: int
    waived: bool = False

    @property
    def needs_work(self) -> bool:
        """Whether something is wrong with the package, rather than not yet known."""
        return self.rank >= _WRONG

    @property
    def good(self) -> bool:
        """Whether there is nothing to do."""
        return self.rank == 0


_WRONG = 2
BREAKS = RunStatus("breaks", "✗", "breaks", 4)
UNCHECKED = RunStatus("not checked", "…", "none", 0)
_BY_VERDICT = {
    Standing.IDENTICAL: RunStatus("identical", "✓", "identical", 0),
    Standing.EQUIVALENT: RunStatus("equivalent", "✓", "equivalent", 0),
    Standing.EXPLAINED: RunStatus("explained", "✓", "explained", 0),
    Standing.UNPROVEN: RunStatus("unproven", "?", "unproven", 1),
    Standing.UNEXPLAINED: RunStatus("unexplained", "✗", "unexplained", 3),
}


def status_of(run: Run) -> RunStatus:
    """The run's outcome. What breaks something is that first, whatever explains it."""
    if run.breaking:
        return BREAKS
    status = _BY_VERDICT[run.verdict]
    if run.passes and run.waived:
        return RunStatus(run.outcome, "~", "unproven", 1, waived=True)
    if status.good and not run.passes:
        return RunStatus(f"{status.word}, does not pass", "✗", "unexplained", _WRONG)
    return status


def reason_of(run: Run) -> str:
    """Why the run came to that, in one line, the worst first."""
    elsewhere = {ReasonKind.BREAKS, *([ReasonKind.WAIVED] if run.passes else [])}
    parts = [phrase(each) for each in run.reasons if each.kind not in elsewhere]
    if not run.reasons:
        parts = [f"the verdict is {run.verdict.value}"]
    if run.breaking:
        named = ", ".join(run.breaking[:_PATHS])
        more = len(run.breaking) - _PATHS
        rest = f" and {more:,} more" if more > 0 else ""
        breaks = [phrase(each) for each in run.reasons if each.kind is ReasonKind.BREAKS]
        what = breaks[0] if breaks else "breaks what checks it"
        parts = [f"{what} ({named}{rest})", *parts]
    if run.proofs:
        parts.append(f"put together from {amount(len(run.proofs), 'report')}")
    if run.reproduction in _REPRODUCTIONS:
        parts.append(_REPRODUCTIONS[run.reproduction])
    return visible(_BETWEEN.join(parts))


def bar_of(run: Run) -> Standing:
    """The worst standing that a version may have that is better than what this run came to.

    What breaks something is worse than any standing that does not.
    """
    if run.breaking:
        return Standing.UNEXPLAINED
    return list(Standing)[max(run.verdict.rank - 1, Standing.EXPLAINED.rank)]
