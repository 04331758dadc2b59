"""What the differences of a report reach, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from samego.model.finding import Finding
from samego.model.proof import Standing
from samego.model.reach import Reached
from samego.report.summary import Summary
from samego.report.words import hanging
from samego.system.terminal import visible
from samego.words.reach import phrase


def reached(summary: Summary) -> tuple[tuple[str, str], ...]:
    """What is reached by the differences that do not pass, the worst first, and by the others.

    Each row is whose reach it is, and what that is.
    """
    rows = []
    for name, wanted in (
        ("unexplained", (Standing.UNEXPLAINED,)),
        ("unproven", (Standing.UNPROVEN,)),
        ("proven", (Standing.EXPLAINED, Standing.EQUIVALENT)),
    ):
        found = [
            each
            for each in summary.report.findings
            if summary.standings[each.path] in wanted and each.reach
        ]
        if found:
            rows.append((name, ", ".join(_groups(found))))
    return tuple(rows)


def lines(summary: Summary) -> Iterator[str]:
    """The summary as lines of text."""
    label = "Reach:    "
    for name, text in reached(summary):
        yield from hanging(label, f"{name}: {visible(text)}", " " * len(label) + "  ")
        label = " " * len(label)


def _groups(findings: Sequence[Finding]) -> Iterator[str]:
    """Each thing that is reached with the number of paths that do, the most first."""
    for what in reversed(Reached):
        reaches = [each.reach for each in findings if each.reach and each.reach.what is what]
        if reaches:
            yield f"{phrase(reaches)} ({len(reaches):,})"
