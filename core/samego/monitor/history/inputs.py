"""What decides the bytes of releases: the results of ``samego inputs`` that were kept."""

from __future__ import annotations

from samego.monitor.history.record import InputsRun
from samego.monitor.history.result_rows import result_rows
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History


def inputs_runs(history: History, wanted: RunFilter | None = None) -> tuple[InputsRun, ...]:
    """All of ours, oldest first; of the filter, release and since count. Raises HistoryError."""
    columns = "digest, at, release, program, verdict, samego"
    rows = result_rows(history, "inputs", columns, wanted or RunFilter())
    return tuple(InputsRun(row[0], moment(row[1]), *row[2:]) for row in rows)


def newest_of_each(runs: tuple[InputsRun, ...]) -> tuple[InputsRun, ...]:
    """The last one of each release and program; ``runs`` are oldest first."""
    return tuple({(run.release, run.program): run for run in runs}.values())
