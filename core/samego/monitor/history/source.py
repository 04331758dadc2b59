"""Where the source of releases came from: the results of ``samego source`` that were kept."""

from __future__ import annotations

from samego.monitor.history.record import SourceRun
from samego.monitor.history.result_rows import result_rows
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History


def source_runs(history: History, wanted: RunFilter | None = None) -> tuple[SourceRun, ...]:
    """All of ours, oldest first; of the filter, release and since count. Raises HistoryError."""
    columns = "digest, at, release, source, name, verdict, samego"
    rows = result_rows(history, "source", columns, wanted or RunFilter())
    return tuple(SourceRun(row[0], moment(row[1]), *row[2:]) for row in rows)


def newest_of_each_source(runs: tuple[SourceRun, ...]) -> tuple[SourceRun, ...]:
    """The last one of each source file; ``runs`` are oldest first."""
    return tuple({run.source: run for run in runs}.values())
