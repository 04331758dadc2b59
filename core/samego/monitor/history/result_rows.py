"""The rows of a table that keeps results other than reports."""

from __future__ import annotations

from typing import Any

from samego.monitor.history import database
from samego.monitor.history.rows import RunFilter, conditions
from samego.monitor.history.store import DATABASE, History


def result_rows(history: History, table: str, columns: str, wanted: RunFilter) -> list[Any]:
    """All of ours, oldest first; of the filter, release and since count. Raises HistoryError.

    ``table`` and ``columns`` are the caller's own, never a user's.
    """
    where, values = conditions(RunFilter(release=wanted.release, since=wanted.since))
    query = f"SELECT {columns} FROM {table}{where} ORDER BY at, id"  # noqa: S608 - the caller's own
    with database.translated(history.directory / DATABASE):
        return history.connection.execute(query, values).fetchall()
