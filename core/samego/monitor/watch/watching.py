"""One pass: ask the sources, queue, check, record, notify."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from samego.errors import HistoryError
from samego.model.release import Release
from samego.monitor.history import news, posted, waiting
from samego.monitor.history.news import News
from samego.monitor.history.posted import PostedState
from samego.monitor.history.record import Waiting
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.watch import notify, submitting, suites, sweep, upstream
from samego.monitor.watch.jobs import JobSettings, Where, arguments, is_submitted, of_release
from samego.monitor.watch.notify import PATIENCE, NotifyResult
from samego.monitor.watch.poll import PollResult
from samego.monitor.watch.pool import Pool, PoolLimits
from samego.monitor.watch.results import keep
from samego.monitor.watch.sweep import Sweep
from samego.system import environment, locks
from samego.system.progress import Progress
from samego.system.terminal import visible

#: The lock beside the history, held while a pass runs.
LOCK = "watch.held"
#: The directory below the cache where the runs write; each history has its own in it.
DIRECTORY = "watch"


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What a pass does. ``notify`` is the command's words; ``endpoint`` a rebuilderd's URL."""

    settings: JobSettings
    limits: PoolLimits
    where: Where = Where.NOWHERE
    sweep: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    endpoint: str = ""
    retry: bool = False
    believe: bool = False
    patience: float = PATIENCE


@dataclass
class Pass:
    """What a pass did, and what stands and waits after it."""

    began: datetime
    polled: PollResult = field(default_factory=PollResult)
    news: list[News] = field(default_factory=list)
    standing: list[PostedState] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    checked: int = 0
    submitted: int = 0
    tried: int = 0
    notified: NotifyResult | None = None

    @property
    def exit_status(self) -> int:
        """1 where something bad is new; else 2 where something could not be done; else 0."""
        if any(item.bad for item in self.news):
            return 1
        undone = self.tried > self.checked + self.submitted
        failed = undone or self.polled.failed or (self.notified and self.notified.failures)
        return 2 if failed else 0


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Lock a history for this pass. Raises HistoryError while another pass runs on it."""
    path = directory / LOCK
    try:
        lock = locks.open_lock(path)
    except OSError as error:
        raise HistoryError(
            f"{visible(str(path))} cannot be written ({error.strerror})",
            hint="check that the history is yours",
        ) from error
    try:
        if not locks.try_acquire(lock):
            raise HistoryError(
                "another 'samego watch' is running on this history", hint="wait for it"
            )
        yield
    finally:
        os.close(lock)


def watch(
    options: WatchOptions,
    history: History,
    progress: Progress,
    clock: Callable[[], float] = time.time,
) -> Pass:
    """Do one pass over a history, locked against other watchers.

    Raises InputError for a sweep over nothing. The result lists what could not be asked or checked.
    """
    done = Pass(moment(clock()))
    before = news.last_number(history)
    releases = _poll(options, history, done, progress)
    if options.sweep:
        wanted = Sweep(options.sweep, options.where, f"rebuild={options.settings.rebuild}")
        if not sweep.begin(wanted, history, done.began):
            progress.note("continuing this sweep")
    elif options.where is not Where.NOWHERE:
        rows = [of_release(release, options.where, done.began) for release in releases]
        with history.transaction():
            waiting.enqueue(history, rows)
    _work(options, history, done, progress, clock)
    waiting.end_sweeps(history)
    config = options.settings.config
    submitting.poll(config, history, done.began, progress, done.polled, options.endpoint)
    if options.notify:
        progress.stage("notifying")
        done.notified = notify.send(history, options.notify, patience=options.patience)
    done.news = news.since(history, before)
    done.standing = posted.standing(history)
    done.waiting = history.waiting()
    return done


def _poll(
    options: WatchOptions, history: History, done: Pass, progress: Progress
) -> Sequence[Release]:
    """Poll everything, or for a sweep only what it needs."""
    config, what = options.settings.config, options.sweep
    releases: Sequence[Release] = ()
    if not what or sweep.names_releases(what):
        releases = upstream.poll(
            config, history, done.began, progress, done.polled, believe=options.believe
        )
    if not what or sweep.ALL in what:
        suites.poll(config, history, done.began, progress, done.polled)
    return releases


def _work(
    options: WatchOptions,
    history: History,
    done: Pass,
    progress: Progress,
    clock: Callable[[], float],
) -> None:
    """Check, rebuild or submit all that is due."""
    config = options.settings.config
    due = [row for row in history.waiting() if options.retry or row.due <= done.began]
    over = [row for row in due if is_submitted(row)]
    done.tried = len(due)
    named = options.endpoint
    done.submitted = submitting.submit(over, config, history, done.began, named, progress)
    here = [row for row in due if row not in over]
    if not here:
        return
    name = hashlib.sha256(os.fsencode(history.directory.absolute())).hexdigest()[:12]
    # The report goes into the history with its news, and not before that.
    environ = {**environment.cleaned(os.environ), "SAMEGO_RECORD": "0"}
    pool = Pool(config.cache_directory / DIRECTORY / name, options.limits, environ)
    jobs = ((row, arguments(row, options.settings)) for row in here)
    progress.stage(f"checking: {len(here)} to do")
    with contextlib.closing(pool.run(jobs)) as runs:
        for number, ended in enumerate(runs, start=1):
            kept = keep(history, ended, moment(clock()))
            done.checked += kept
            state = "done" if kept else "not decided"
            progress.note(f"{number} of {len(here)}: {ended.job.spec}: {state}")
