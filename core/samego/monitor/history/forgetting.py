"""Removing a run for good, with a reason that stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from samego.errors import InputError
from samego.monitor.history.database import translated
from samego.monitor.history.record import Run
from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, History
from samego.system.terminal import visible

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A run that was removed: what it was, when and why it was removed."""

    digest: str
    when: datetime
    reason: str
    distro: str
    package: str
    version: str
    architecture: str
    verdict: str


def forget(history: History, beginning: str, reason: str, when: datetime) -> Run:
    """Remove a check's run and its report; returns the run.

    The same report is not taken in again. Raises InputError without a reason or for a rebuild,
    HistoryError unless exactly one digest begins so.
    """
    words = visible(reason.strip())[:_LONGEST]
    if not words:
        raise InputError("removing a run needs a reason", hint="say why with --reason TEXT")
    digest = history.find(beginning)
    run = history.run(digest)
    if run is None:
        raise InputError(
            f"{digest[:12]} is no check: it is a result of 'samego rebuild', 'inputs' or 'source'",
            hint="only checks of packages can be removed",
        )
    values = (
        *(run.digest, int(when.timestamp()), words),
        *(run.distro, run.package, run.version, run.architecture, run.verdict.value),
    )
    with history.transaction():
        history.connection.execute(
            "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
        )
        history.connection.execute("DELETE FROM run WHERE digest = ?", (run.digest,))
        history.sum_again(run)
    history.discard(run.digest)
    return run


def forgotten(history: History) -> list[Forgotten]:
    """What was removed, the newest first."""
    with translated(history.directory / DATABASE):
        found = history.connection.execute("SELECT * FROM forgotten ORDER BY at DESC, digest")
        return [
            Forgotten(**{**{k: row[k] for k in row.keys() if k != "at"}, "when": moment(row["at"])})  # noqa: SIM118 - a Row
            for row in found.fetchall()
        ]
