"""Submits rebuilds to a rebuilderd daemon, and reads their results later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from samego.config import Config
from samego.errors import SamegoError
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.endpoint import default_endpoint
from samego.integrations.rebuilderd.feeding import feed, reports_for
from samego.integrations.rebuilderd.packages import DISTRIBUTION
from samego.integrations.rebuilderd.status import BuildState, read_status
from samego.monitor.history import news, waiting
from samego.monitor.history.news import NewsKind
from samego.monitor.history.record import Waiting
from samego.monitor.history.store import History
from samego.monitor.history.submitted import Submitted, note_state, record_submitted, submitted
from samego.monitor.watch.jobs import release_of
from samego.monitor.watch.poll import PollResult
from samego.monitor.watch.results import postpone
from samego.report.words import amount
from samego.system.progress import Progress
from samego.upstream.transport.urls import public_url, redacted


def submit(
    rows: Sequence[Waiting],
    config: Config,
    history: History,
    when: datetime,
    named: str,
    progress: Progress,
) -> int:
    """Queue the releases of these rows in the daemon; how many could be queued.

    Those that could not are tried again later. ``named`` is the daemon's URL, empty for the
    one of rebuilderd.conf.
    """
    done = 0
    endpoint = named or default_endpoint()
    for row in rows:
        try:
            reports = reports_for(config, (release_of(row),), (), config.godev_url)
            with RebuilderdClient(endpoint, offline=config.offline) as client:
                feed(client, reports, named, progress)
        except SamegoError as error:
            postpone(history, row, str(error), when)
            continue
        archives = [
            Submitted(public_url(endpoint), package.name, package.version)
            for report in reports
            for package in report.packages
        ]
        with history.transaction():
            record_submitted(history, archives, when)
            waiting.drop(history, row)
        done += 1
    return done


def poll(
    config: Config,
    history: History,
    when: datetime,
    progress: Progress,
    polled: PollResult,
    named: str = "",
) -> None:
    """Ask each daemon about what was submitted to it; every change is news.

    The history keeps a daemon's URL without user and password: those are taken from ``named``
    or rebuilderd.conf where they name this daemon.
    """
    mine = {public_url(url): url for url in (default_endpoint(), named) if url}
    known: defaultdict[str, list[Submitted]] = defaultdict(list)
    for archive in submitted(history):
        known[archive.endpoint].append(archive)
    for endpoint, archives in known.items():
        name = f"rebuilderd at {redacted(endpoint)}"
        progress.stage(f"reading {name}")
        try:
            with RebuilderdClient(mine.get(endpoint, endpoint), offline=config.offline) as client:
                rows = read_status(client, DISTRIBUTION).rows
        except SamegoError as error:
            polled.failed.append((name, str(error)))
            continue
        states = {(row.name, row.version): row.state for row in rows}
        _compare(endpoint, archives, states, history, when)
        polled.sources += 1


def _compare(
    endpoint: str,
    archives: Sequence[Submitted],
    states: dict[tuple[str, str], BuildState],
    history: History,
    when: datetime,
) -> None:
    """An item for each release and state: a release has some forty archives."""
    groups: defaultdict[tuple[str, BuildState], list[Submitted]] = defaultdict(list)
    for archive in archives:
        state = states.get((archive.name, archive.version), BuildState.UNKWN)
        if state is not BuildState.UNKWN and state.value != archive.state:
            groups[archive.version, state].append(archive)
    with history.transaction():
        for (version, state), group in groups.items():
            for archive in group:
                note_state(history, archive, state.value)
            names = [archive.name for archive in group]
            which = names[0] if len(names) == 1 else amount(len(names), "archive")
            about = {
                "release": f"go{version}",
                "where": endpoint,
                "verdict": state.value,
                "archives": names,
            }
            sentence = f"rebuilderd calls {which} of go{version} {state.value}"
            news.add(
                history, NewsKind.REBUILT, sentence, about, when=when, bad=state is BuildState.BAD
            )
