"""The queue of what is to be checked or rebuilt: in the database, so that nothing is lost.

A row is there from when something was found to be new until it was checked. ``tries`` is 0
until the first attempt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from samego.monitor.history.database import translated
from samego.monitor.history.record import Offer, Waiting
from samego.monitor.history.store import DATABASE, History
from samego.monitor.history.summing import counted

#: How long until the second attempt, and at most between two. The pass of a daily timer,
#: whose hour varies, finds everything due.
FIRST_DELAY = timedelta(hours=1)
LONGEST_DELAY = timedelta(hours=20)
#: What a row says that was not tried yet.
NEW = "not checked yet"


def of_offer(offer: Offer, when: datetime) -> Waiting:
    """The row for a version that a suite holds."""
    identity = offer.distro, offer.package, offer.version, offer.architecture
    return Waiting(*identity, offer.spec, when, when, 0, when, NEW)


def enqueue(history: History, rows: Iterable[Waiting], *, again: bool = False) -> int:
    """Add rows that are not there yet, within a transaction; how many were.

    With ``again`` those that are there become due, under the new name.
    """
    before = _count(history)
    conflict = "DO UPDATE SET spec = excluded.spec, due = excluded.due" if again else "DO NOTHING"
    history.connection.executemany(
        f"INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT {conflict}",  # noqa: S608 - one of two
        [_values(row) for row in rows],
    )
    return _count(history) - before


def put_off(history: History, row: Waiting, message: str, when: datetime) -> Waiting:
    """Note, within a transaction, that an attempt failed and why; the row as it is now."""
    delay = LONGEST_DELAY
    if row.tries < LONGEST_DELAY // FIRST_DELAY:
        delay = min(FIRST_DELAY * 2**row.tries, LONGEST_DELAY)
    now = replace(row, tried=when, tries=row.tries + 1, due=when + delay, message=message)
    history.connection.execute(
        "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _values(now)
    )
    return now


def drop(history: History, row: Waiting) -> None:
    """Take a row out of the queue, within a transaction."""
    history.connection.execute(
        "DELETE FROM waiting WHERE (distro, package, version, architecture) = (?, ?, ?, ?)",
        (row.distro, row.package, row.version, row.architecture),
    )


def note_checked(history: History, spec: str, digest: str, when: datetime) -> None:
    """Note, within a transaction, that a name was checked."""
    history.connection.execute(
        "INSERT OR REPLACE INTO checked VALUES (?, ?, ?)", (spec, int(when.timestamp()), digest)
    )


def unchecked(history: History, offers: Iterable[Offer]) -> list[Offer]:
    """Those offers that no run that counts is of: neither of their name nor of their version."""
    found = counted(history)
    with translated(history.directory / DATABASE):
        names = {row["spec"] for row in history.connection.execute("SELECT spec FROM checked")}
    versions = {(run.distro, run.package, run.version, run.architecture) for run in found}
    return [
        offer
        for offer in offers
        if offer.spec not in names
        and (offer.distro, offer.package, offer.version, offer.architecture) not in versions
    ]


def begin_sweep(history: History, asked: str, when: datetime) -> bool:
    """Note, within a transaction, that a sweep begins; False where it had begun already."""
    values = asked, int(when.timestamp())
    added = history.connection.execute("INSERT OR IGNORE INTO sweep VALUES (?, ?)", values)
    return added.rowcount > 0


def end_sweeps(history: History) -> None:
    """Note that all that was asked for has been tried."""
    with history.transaction():
        history.connection.execute("DELETE FROM sweep")


def _count(history: History) -> int:
    count: int = history.connection.execute("SELECT count(*) FROM waiting").fetchone()[0]
    return count


def _values(row: Waiting) -> tuple[object, ...]:
    return (
        *(row.distro, row.package, row.version, row.architecture, row.spec),
        *(int(row.since.timestamp()), int(row.tried.timestamp()), row.tries),
        *(int(row.due.timestamp()), row.message, row.job.value),
    )
