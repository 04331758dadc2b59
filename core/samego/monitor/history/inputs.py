"""What decides the bytes of releases: the results of ``samego inputs`` that were kept."""

from __future__ import annotations

from samego.monitor.history import database
from samego.monitor.history.record import InputsRun
from samego.monitor.history.rows import RunFilter, conditions, moment
from samego.monitor.history.store import DATABASE, History


def inputs_runs(history: History, wanted: RunFilter | None = None) -> tuple[InputsRun, ...]:
    """All of ours, oldest first; of the filter, release and since count. Raises HistoryError."""
    chosen = wanted or RunFilter()
    where, values = conditions(RunFilter(release=chosen.release, since=chosen.since))
    with database.translated(history.directory / DATABASE):
        rows = history.connection.execute(
            f"SELECT digest, at, release, program, verdict, samego FROM inputs{where}"  # noqa: S608 - only column names
            " ORDER BY at, id",
            values,
        ).fetchall()
    return tuple(InputsRun(row[0], moment(row[1]), *row[2:]) for row in rows)


def newest_of_each(runs: tuple[InputsRun, ...]) -> tuple[InputsRun, ...]:
    """The last one of each release and program; ``runs`` are oldest first."""
    return tuple({(run.release, run.program): run for run in runs}.values())
