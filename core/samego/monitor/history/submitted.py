"""What was submitted to a rebuilderd daemon, and its last known state there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from samego.monitor.history.database import translated
from samego.monitor.history.store import DATABASE, History


@dataclass(frozen=True, slots=True)
class Submitted:
    """An archive; ``state`` is the daemon's own word for it, ``UNKWN`` until there is a result."""

    endpoint: str
    name: str
    version: str
    state: str = "UNKWN"


def record_submitted(history: History, archives: Iterable[Submitted], when: datetime) -> None:
    """Note, within a transaction, what was submitted; what is known keeps its state."""
    at = int(when.timestamp())
    history.connection.executemany(
        "INSERT OR IGNORE INTO handed VALUES (?, ?, ?, ?, ?)",
        [(each.endpoint, each.name, each.version, at, each.state) for each in archives],
    )


def submitted(history: History) -> list[Submitted]:
    """All that was ever submitted."""
    query = "SELECT endpoint, name, version, state FROM handed ORDER BY endpoint, version, name"
    with translated(history.directory / DATABASE):
        return [Submitted(**dict(row)) for row in history.connection.execute(query).fetchall()]


def note_state(history: History, archive: Submitted, state: str) -> None:
    """Note, within a transaction, what the daemon says of an archive now."""
    history.connection.execute(
        "UPDATE handed SET state = ? WHERE (endpoint, name, version) = (?, ?, ?)",
        (state, archive.endpoint, archive.name, archive.version),
    )
