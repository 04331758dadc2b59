"""What decides the bytes of releases: the results of ``samego inputs`` that were kept."""

from __future__ import annotations

from samego.monitor.history import database
from samego.monitor.history.record import InputsRun
from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, History


def inputs_runs(history: History) -> tuple[InputsRun, ...]:
    """All of ours, oldest first. Raises HistoryError."""
    with database.translated(history.directory / DATABASE):
        rows = history.connection.execute(
            "SELECT digest, at, release, program, verdict, samego FROM inputs WHERE owner = ''"
            " ORDER BY at, id"
        ).fetchall()
    return tuple(InputsRun(row[0], moment(row[1]), *row[2:]) for row in rows)


def newest_of_each(runs: tuple[InputsRun, ...]) -> tuple[InputsRun, ...]:
    """The last one of each release and program; ``runs`` are oldest first."""
    return tuple({(run.release, run.program): run for run in runs}.values())
