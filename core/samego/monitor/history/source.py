"""Where the source of releases came from: the results of ``samego source`` that were kept."""

from __future__ import annotations

from samego.monitor.history import database
from samego.monitor.history.record import SourceRun
from samego.monitor.history.rows import RunFilter, conditions, moment
from samego.monitor.history.store import DATABASE, History


def source_runs(history: History, wanted: RunFilter | None = None) -> tuple[SourceRun, ...]:
    """All of ours, oldest first; of the filter, release and since count. Raises HistoryError."""
    chosen = wanted or RunFilter()
    where, values = conditions(RunFilter(release=chosen.release, since=chosen.since))
    with database.translated(history.directory / DATABASE):
        rows = history.connection.execute(
            f"SELECT digest, at, release, source, name, verdict, samego FROM source{where}"  # noqa: S608 - only column names
            " ORDER BY at, id",
            values,
        ).fetchall()
    return tuple(SourceRun(row[0], moment(row[1]), *row[2:]) for row in rows)


def newest_of_each_source(runs: tuple[SourceRun, ...]) -> tuple[SourceRun, ...]:
    """The last one of each source file; ``runs`` are oldest first."""
    return tuple({run.source: run for run in runs}.values())
