"""The results as a table: each package's versions on each architecture, with what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from samego.model.report import Report
from samego.monitor.history.changes import by_line
from samego.monitor.history.record import Run
from samego.report.markdown import table
from samego.report.reasons import phrase, reasons
from samego.report.summary import Summary

_HEADS = ("package", "version", "architecture", "compared with", "verdict", "s", "what it rests on")


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


def table_rows(runs: Iterable[Run], report_of: Callable[[Run], Report | None]) -> list[Row]:
    """A row for each version of each line, in the lines' order and the distro's order of versions.

    ``report_of`` gives a run's report.
    """
    return [
        _row(versions[-1], report_of)
        for line in by_line(runs).values()
        for versions in line
        if versions
    ]


def table_lines(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as a table in Markdown."""
    yield from table(
        _HEADS,
        (
            (
                row.run.package,
                row.run.version,
                row.run.architecture,
                f"{row.run.release} {row.run.target}"
                + (f" ({row.upstream})" if row.upstream else ""),
                f"{row.run.verdict.value}, {row.run.outcome}",
                "?" if row.seconds is None else f"{row.seconds:.0f}",
                "; ".join(row.reasons),
            )
            for row in rows
        ),
    )


def _row(run: Run, report_of: Callable[[Run], Report | None]) -> Row:
    report = report_of(run)
    if report is None:
        return Row(run, "", None, tuple(map(phrase, run.reasons)))
    upstream = report.upstream
    origin = upstream.channel if upstream.confirmed else "rebuilt here, confirmed by nobody"
    words = tuple(map(phrase, reasons(Summary(report))))
    return Row(run, origin, sum(report.timings.values()), words)
