"""The results as a table: each package's versions on each architecture, with what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from samego.model.report import Report
from samego.monitor.history.changes import by_line
from samego.monitor.history.order import ordered
from samego.monitor.history.record import Line, Run
from samego.monitor.history.undecided import UndecidedRun
from samego.report.markdown import table
from samego.report.reasons import phrase, reasons
from samego.report.summary import Summary

_HEADS = ("package", "version", "architecture", "compared with", "verdict", "s", "what it rests on")
_UNDECIDED = "could not decide"


@dataclass(frozen=True, slots=True)
class Row:
    """One version on one architecture, as it was checked last.

    ``upstream`` is where upstream's file came from, ``seconds`` the wall time of the whole check,
    and ``reasons`` are those of the verdict: what is left, or what was proven. Of a
    report that cannot be read the first is empty and the second None.
    """

    run: Run
    upstream: str
    seconds: float | None
    reasons: tuple[str, ...]


def table_rows(
    runs: Iterable[Run],
    undecided: Iterable[UndecidedRun],
    report_of: Callable[[Run], Report | None],
) -> list[Row | UndecidedRun]:
    """A row for each version of each line, in the lines' order and the distro's order of versions.

    ``report_of`` gives a run's report. ``undecided`` are of versions that no run is of.
    """
    lines: dict[Line, list[Run | UndecidedRun]] = {
        line: [group[-1] for group in groups if group] for line, groups in by_line(runs).items()
    }
    for item in undecided:
        lines.setdefault(item.line, []).append(item)
    return [
        _row(item, report_of) if isinstance(item, Run) else item
        for line in sorted(lines)
        for item in _in_order(line, lines[line])
    ]


def table_lines(rows: Sequence[Row | UndecidedRun]) -> Iterator[str]:
    """The rows as a table in Markdown."""
    yield from table(_HEADS, (_cells(row) for row in rows))


def _in_order(line: Line, items: Sequence[Run | UndecidedRun]) -> Iterator[Run | UndecidedRun]:
    """By version; those of one version stay as they are."""
    for version in ordered(line.distro, {item.version for item in items}):
        yield from (item for item in items if item.version == version)


def _cells(row: Row | UndecidedRun) -> tuple[str, ...]:
    item = row.run if isinstance(row, Row) else row
    verdict = f"{row.run.verdict.value}, {row.run.outcome}" if isinstance(row, Row) else _UNDECIDED
    upstream = f" ({row.upstream})" if isinstance(row, Row) and row.upstream else ""
    return (
        *(item.package, item.version, item.architecture),
        f"{item.release} {item.target}{upstream}",
        verdict,
        "?" if row.seconds is None else f"{row.seconds:.0f}",
        "; ".join(row.reasons) if isinstance(row, Row) else row.cause,
    )


def _row(run: Run, report_of: Callable[[Run], Report | None]) -> Row:
    report = report_of(run)
    if report is None:
        return Row(run, "", None, tuple(map(phrase, run.reasons)))
    upstream = report.upstream
    origin = upstream.channel if upstream.confirmed else "rebuilt here, confirmed by nobody"
    words = tuple(map(phrase, reasons(Summary(report))))
    return Row(run, origin, sum(report.timings.values()), words)
