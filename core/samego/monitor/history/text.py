"""What the history says, in lines for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from samego.monitor.history.changes import Fall, RecordedChange, by_line
from samego.monitor.history.contradictions import Contradiction
from samego.monitor.history.forgetting import Forgotten
from samego.monitor.history.rebuilds import RecordedBootstrap
from samego.monitor.history.record import InputsRun, Run, SourceRun, Waiting
from samego.monitor.history.undecided import UndecidedRun
from samego.report.words import amount
from samego.system.terminal import visible

_DIGITS = 12
#: Outcomes of rebuilt files; one that is not among them is worse than all.
_WORST_FIRST = ("differs", "failed", "equivalent", "reproduced", "not_compared", "not_posted")
_MOMENT = "%Y-%m-%d %H:%M"


def newest_versions(runs: Iterable[Run]) -> list[Run]:
    """The newest run of each line's newest version."""
    return [versions[-1][-1] for versions in by_line(runs).values()]


def run_lines(runs: Sequence[Run], left: Mapping[str, str] | None = None) -> list[str]:
    """A line each, in columns; ``left`` says by digest why a run does not count."""
    why = left or {}
    return _columns(
        [
            run.package,
            run.version,
            run.architecture,
            run.release,
            run.verdict.value,
            run.outcome,
            _broken(run),
            moment(run.when),
            run.report[:_DIGITS],
            f"from {run.owner}" if run.owner else _left(run, why),
        ]
        for run in runs
    )


def contradiction_lines(found: Iterable[Contradiction]) -> list[str]:
    """A line for each set of reports on the same packages that contradict each other."""
    lines = []
    for item in found:
        first = item.runs[0]
        verdicts = ", ".join(
            f"{run.verdict.value}{f', breaks {_broken_paths(run)}' if run.breaking else ''}"
            f" (report {run.digest[:_DIGITS]}{f' from {run.owner}' if run.owner else ''})"
            for run in item.runs
        )
        name = f"{first.package} {first.version} {first.architecture}"
        lines.append(visible(f"CONTRADICTED: {name}: reports on the same packages say {verdicts}"))
    return lines


def others_lines(runs: Iterable[Run]) -> list[str]:
    """Other users' reports, each user's newest for each version: shown, but not counted."""
    last = {(run.owner, run.line, run.version): run for run in runs if run.owner}
    if not last:
        return []
    rows = [last[key] for key in sorted(last)]
    return ["submitted by other users, not counted:", *run_lines(rows)]


def inputs_lines(runs: Iterable[InputsRun]) -> list[str]:
    """A line for each run of ``samego inputs``."""
    return _columns(
        [
            run.release,
            run.program or "all of it",
            f"inputs: {run.verdict.replace('_', ' ')}",
            moment(run.when),
            run.digest[:_DIGITS],
        ]
        for run in runs
    )


def source_lines(runs: Iterable[SourceRun]) -> list[str]:
    """A line for each run of ``samego source``."""
    return _columns(
        [
            run.release,
            run.name,
            f"source: {run.verdict.replace('_', ' ')}",
            moment(run.when),
            run.digest[:_DIGITS],
        ]
        for run in runs
    )


def rebuild_lines(found: Iterable[RecordedBootstrap]) -> list[str]:
    """A line for what each bootstrap gave for each target, the worst of its files first."""
    rows = []
    for item in found:
        counts = Counter(file.outcome for file in item.files)
        known = sorted(counts, key=lambda outcome: (_worst(outcome), outcome))
        rows.append(
            [
                item.run.release,
                item.target or "-",
                ", ".join(f"{counts[outcome]} {outcome.replace('_', ' ')}" for outcome in known),
                moment(item.run.when),
                item.run.digest[:_DIGITS],
                f"with {item.bootstrap}",
            ]
        )
    return _columns(rows)


def _worst(outcome: str) -> int:
    return _WORST_FIRST.index(outcome) if outcome in _WORST_FIRST else -1


def undecided_lines(runs: Iterable[UndecidedRun]) -> list[str]:
    """A line for each version that was checked and could not be decided."""
    return [
        visible(
            f"could not decide: {run.package} {run.version} {run.architecture}"
            f" {moment(run.when)}: {run.cause}"
        )
        for run in runs
    ]


def waiting_lines(waiting: Sequence[Waiting]) -> list[str]:
    """A line for each version that could not be checked yet."""
    return [
        visible(
            f"waiting: {item.package} {item.version} {item.architecture} since"
            f" {moment(item.since)}, tried {amount(item.tries, 'time')}: {item.message}"
        )
        for item in waiting
    ]


def change_lines(found: Sequence[RecordedChange]) -> list[str]:
    """A line each: when, which way, and what."""
    if not found:
        return ["nothing got better or worse"]
    return [
        f"{moment(change.since)}  {change.direction.value:<6}  {change.sentence}"
        for change in found
    ]


def fall_lines(falls: Sequence[Fall]) -> list[str]:
    """Where each line got worse: what it was before, and what came after."""
    lines = []
    for fall in falls:
        bad = fall.bad
        broken = f", breaks {_broken_paths(bad)}" if bad.breaking else ""
        lines.append(
            visible(
                f"{bad.package} {bad.architecture} fell at {bad.version}:"
                f" {bad.verdict.value}{broken} (since {moment(fall.since)},"
                f" report {bad.digest[:_DIGITS]})"
            )
        )
        good = fall.good
        before = f"{good.version}, {good.verdict.value}" if good else "no good version is known"
        lines.append(visible(f"  before it: {before}"))
        if fall.later:
            lines.append(visible(f"  after it, and no better: {', '.join(fall.later)}"))
    return lines


def left_lines(number: int) -> list[str]:
    """That there are runs which do not count."""
    if not number:
        return []
    verb = "does" if number == 1 else "do"
    return [f"{amount(number, 'run')} {verb} not count: see 'samego history --all'"]


def forgotten_lines(found: Iterable[Forgotten]) -> list[str]:
    """A line for each run that was removed, with the reason."""
    return [
        visible(
            f"removed {moment(item.when)}: {item.package} {item.version} {item.architecture},"
            f" {item.verdict}, report {item.digest[:_DIGITS]}: {item.reason}"
        )
        for item in found
    ]


def _left(run: Run, why: Mapping[str, str]) -> str:
    return f"not counted: {why[run.digest]}" if run.digest in why else ""


def moment(when: datetime) -> str:
    """A time in UTC for a person."""
    return when.strftime(_MOMENT)


def _broken(run: Run) -> str:
    return f"{amount(len(run.breaking), 'file')} broken" if run.breaking else ""


def _broken_paths(run: Run) -> str:
    first, *rest = run.breaking
    return f"{first} and {len(rest):,} more" if rest else first


def _columns(rows: Iterable[list[str]]) -> list[str]:
    """Rows as lines whose columns stand below each other; an empty column takes no room."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width)
        for row in shown
    ]
