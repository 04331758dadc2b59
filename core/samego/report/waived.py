"""What is waived, in words: how many in the first line, and each with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from samego.model.finding import Effect, Finding
from samego.model.waiver import Waiver
from samego.report.summary import Summary
from samego.report.words import amount
from samego.system.terminal import visible

#: What --waive says of a file, which gives no reason.
_BY_NAME = "waived: by name (--waive)"


def number(summary: Summary) -> int:
    """How many things that would fail are waived: differences, and files that break something."""
    return len(summary.waived) + len(_breaks(summary))


def would_fail(summary: Summary) -> str:
    """The same in words, for a heading."""
    return f"{amount(number(summary), 'path')} that would fail"


def _breaks(summary: Summary) -> set[str]:
    """The files that break something, where that is waived: by a line of a file or --waive."""
    broken = (item for item in summary.report.consequences if item.effect is Effect.BREAKS)
    return {item.path for item in broken if item.waived}


def outcome(summary: Summary) -> str:
    """Whether it passes, and how many waivers that took."""
    return outcome_of(number(summary), passes=summary.passes)


def outcome_of(waived: int, *, passes: bool) -> str:
    """The same of a number: ``passes with 2 waived``."""
    if passes:
        return f"passes with {waived:,} waived" if waived else "passes"
    return f"does not pass, {waived:,} waived" if waived else "does not pass"


def sentence(waiver: Waiver) -> str:
    """A waiver as every format shows it: ``waived: REASON (by FILE, line N, until DATE)``."""
    until = f", until {waiver.until}" if waiver.until else ""
    return visible(f"waived: {waiver.reason} (by {waiver.file}, line {waiver.line}{until})")


def of_path(summary: Summary, path: str) -> Iterator[str]:
    """The waivers of one path: of its difference, and of what it breaks."""
    for found in (summary.waived, summary.waived_breaks):
        if path in found:
            yield sentence(found[path])
    if path in _breaks(summary) - summary.waived_breaks.keys():
        yield _BY_NAME


def leans(summary: Summary, finding: Finding) -> str:
    """That a path does not fail for a waiver alone: its own, or one of what it rests on.

    Empty where no waiver has a part in it.
    """
    told = "; ".join(of_path(summary, finding.path))
    if told or finding.path in summary.failing:
        return told
    if summary.standings[finding.path].rank <= summary.report.required.rank:
        return ""
    return "it rests on what is waived"


def listed(summary: Summary) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each waiver that took something, as a sentence, with the paths that it took."""
    for waiver, paths in summary.waivers:
        if paths:
            yield sentence(waiver), paths
    by_name = _breaks(summary) - summary.waived_breaks.keys()
    if by_name:
        yield _BY_NAME, tuple(sorted(by_name))
