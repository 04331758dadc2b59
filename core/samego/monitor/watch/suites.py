"""Reads what the distros' suites hold, and queues what was not checked yet."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from samego.config import Config
from samego.distro.interface import Request
from samego.distro.suites import Lister, NotWatchedError, listers
from samego.errors import NetworkError, SamegoError
from samego.monitor.history import waiting
from samego.monitor.history.offers import current_offers, replace_offers
from samego.monitor.history.record import Offer
from samego.monitor.history.store import History
from samego.monitor.watch.poll import PollResult
from samego.system.progress import Progress


def poll(
    config: Config, history: History, when: datetime, progress: Progress, polled: PollResult
) -> None:
    """Read each suite of each distro, and record its packages.

    A suite that does not answer keeps its known packages.
    """
    for distro, load in listers().items():
        try:
            _poll_suite(distro, load, config, history, when, progress, polled)
        except NotWatchedError as error:  # noqa: PERF203 - one distro's failure is its own
            polled.notes.append(f"{distro} is not watched: {error}")
        except SamegoError as error:
            polled.failed.append((distro, str(error)))


def _poll_suite(
    distro: str,
    load: Callable[[], Lister],
    config: Config,
    history: History,
    when: datetime,
    progress: Progress,
    polled: PollResult,
) -> None:
    lister = load()
    options = config.plugins.get(distro, {})
    for suite in lister.suites(options):
        name = f"{distro} {suite}"
        progress.stage(f"reading {name}")
        with polled.apart(name, config.deadline_watch):
            if config.offline:
                raise NetworkError("samego is offline", hint="leave out --offline")
            with tempfile.TemporaryDirectory(prefix="samego-") as work:
                request = Request(
                    (), Path(work), config.cache_directory, say=progress.stage, options=options
                )
                offers = lister.offers(suite, request)
            with history.transaction():
                _note(history, distro, suite, offers, when)
            polled.sources += 1


def _note(
    history: History, distro: str, suite: str, offers: Sequence[Offer], when: datetime
) -> None:
    held = {
        (offer.package, offer.version, offer.architecture): offer.spec
        for offer in current_offers(history)
        if (offer.distro, offer.suite) == (distro, suite)
    }
    added = replace_offers(history, distro, suite, offers, when)
    # The same version under another name was built again (a binary-only rebuild).
    rebuilt = [
        offer
        for offer in added
        if held.get((offer.package, offer.version, offer.architecture), "") not in ("", offer.spec)
    ]
    waiting.enqueue(history, [waiting.of_offer(each, when) for each in rebuilt], again=True)
    new = waiting.unchecked(history, offers)
    waiting.enqueue(history, [waiting.of_offer(each, when) for each in new])
    _rename(history, new, when)


def _rename(history: History, offers: Sequence[Offer], when: datetime) -> None:
    """Give each waiting row a name by which a suite still serves it."""
    names = {offer.spec for offer in current_offers(history)}
    stale = {
        (row.distro, row.package, row.version, row.architecture)
        for row in history.waiting()
        if row.spec not in names
    }
    moved = [
        waiting.of_offer(offer, when)
        for offer in offers
        if (offer.distro, offer.package, offer.version, offer.architecture) in stale
    ]
    waiting.enqueue(history, moved, again=True)
