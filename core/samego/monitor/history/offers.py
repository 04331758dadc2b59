"""What the distros' suites hold, as it was last asked: versions that came, and when they went."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from samego.monitor.history import database
from samego.monitor.history.order import ordered
from samego.monitor.history.record import Offer
from samego.monitor.history.store import DATABASE, History


def current_offers(history: History) -> list[Offer]:
    """What the distros' suites hold now, as far as they were asked."""
    names = "distro, suite, package, version, architecture, spec"
    query = f"SELECT {names} FROM offer WHERE gone IS NULL ORDER BY {names}"  # noqa: S608 - only column names
    with database.translated(history.directory / DATABASE):
        return [Offer(**dict(row)) for row in history.connection.execute(query).fetchall()]


def replace_offers(
    history: History, distro: str, suite: str, offers: Sequence[Offer], when: datetime
) -> list[Offer]:
    """Note all that a suite holds now, within a transaction; what is new in it."""
    before = {
        offer for offer in current_offers(history) if (offer.distro, offer.suite) == (distro, suite)
    }
    kept = {replace(offer, distro=distro, suite=suite) for offer in offers}
    at = int(when.timestamp())
    for offer in before - kept:
        _end_offer(history, offer, at)
    added = sorted(kept - before, key=lambda offer: (offer.package, offer.architecture))
    for offer in added:
        note_offer(history, offer, when)
    return added


def note_offer(history: History, offer: Offer, when: datetime) -> None:
    """Note one version that a suite holds."""
    history.connection.execute(
        "INSERT INTO offer VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE"
        " SET spec = excluded.spec, gone = NULL",
        (
            *(offer.distro, offer.suite, offer.package, offer.version),
            *(offer.architecture, offer.spec, int(when.timestamp())),
        ),
    )


def place_report(history: History, data: bytes, suite: str) -> None:
    """Note that a suite holds what a known report is of; the newest version counts."""
    run = history.run(hashlib.sha256(data).hexdigest())
    if run is None or run.owner:
        return  # a rebuild, which is of no suite, or a report by somebody who does not count
    with history.transaction():
        history.connection.execute("UPDATE run SET held = 1 WHERE digest = ?", (run.digest,))
        history.sum_again(run)
        held = [
            offer
            for offer in current_offers(history)
            if (offer.distro, offer.package, offer.architecture) == run.line
            and offer.suite == suite
        ]
        newest = ordered(run.distro, {run.version, *(offer.version for offer in held)})[-1]
        for offer in held:
            if offer.version != newest:
                _end_offer(history, offer, int(run.when.timestamp()))
        if newest == run.version:
            note_offer(
                history,
                Offer(run.distro, suite, run.package, run.version, run.architecture, spec=""),
                run.when,
            )


def _end_offer(history: History, offer: Offer, at: int) -> None:
    history.connection.execute(
        "UPDATE offer SET gone = ? WHERE (distro, suite, package, version, architecture)"
        " = (?, ?, ?, ?, ?)",
        (at, offer.distro, offer.suite, offer.package, offer.version, offer.architecture),
    )
