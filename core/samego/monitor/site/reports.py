"""The files of reports: each one's page, and the JSON beside it; many in parallel."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from samego.errors import SamegoError
from samego.model.report import Report
from samego.monitor.history.reports import ReportFiles
from samego.monitor.history.store import REPORTS
from samego.monitor.site import output, places
from samego.report import html, load
from samego.report.html import Around
from samego.report.summary import Summary

#: Fewer reports than this are rendered in this process: others take longer to start.
_FEW = 24
#: Reports that one process takes at once, and such batches that wait for each process.
_BATCH = 16
_WAITING = 2
#: More processes than this wait for the disk.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Task:
    """The files of one report: their keys by path, and the sha256 of what is there now.

    ``around`` is None for the result of a rebuild, which has no page of its own.
    """

    history: Path
    digest: str
    around: Around | None
    keys: Mapping[str, str]
    before: Mapping[str, str] = field(default_factory=dict)

    def only(self, stale: set[str], sha256: Callable[[str], str]) -> Task:
        """The task for those files that are stale."""
        keys = {path: key for path, key in self.keys.items() if path in stale}
        return replace(self, keys=keys, before={path: sha256(path) for path in keys})


@dataclass(frozen=True, slots=True)
class Done:
    """A task that ended: what :func:`.output.write` returned for each path, or why not."""

    task: Task
    digests: Mapping[str, str]
    error: str = ""


def task(history: Path, digest: str, around: Around | None = None, key: str = "") -> Task:
    """The task of one report; ``key`` is its page's."""
    keys = {places.report_json(digest): digest}
    if around is not None:
        keys[places.report(digest)] = key
    return Task(history, digest, around, keys)


def write_all(directory: Path, tasks: Iterable[Task], number: int) -> Iterator[Done]:
    """Write all ``number`` tasks, in any number of processes; in order.

    They are taken one by one as they are needed: memory does not grow with their number.
    """
    if number < _FEW:
        yield from (_write(directory, each) for each in tasks)
        return
    # Fresh processes: what this one has read of the history is not theirs to carry.
    context = multiprocessing.get_context("spawn")
    workers = min(len(os.sched_getaffinity(0)), _MOST)
    pool = ProcessPoolExecutor(workers, context, initializer=_follow)
    try:
        yield from _in_pool(pool, directory, tasks, workers * _WAITING)
    except BrokenProcessPool as error:
        raise SamegoError(
            "a process that writes pages was ended", hint="run it again; it continues from there"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_pool(
    pool: ProcessPoolExecutor, directory: Path, tasks: Iterable[Task], ahead: int
) -> Iterator[Done]:
    """Hand out batches, never more than ``ahead`` of them at once."""
    waiting: deque[Future[list[Done]]] = deque()
    rest = iter(tasks)
    while True:
        while len(waiting) < ahead and (batch := list(itertools.islice(rest, _BATCH))):
            waiting.append(pool.submit(_write_batch, directory, batch))
        if not waiting:
            return
        yield from waiting.popleft().result()


def _follow() -> None:
    """End when the process ends that started this one, and not before.

    Ctrl-C reaches every process of a terminal: that one acts on it. Where it was killed,
    nothing would end a worker that waits.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _write_batch(directory: Path, tasks: Iterable[Task]) -> list[Done]:
    return [_write(directory, each) for each in tasks]


def _write(directory: Path, given: Task) -> Done:
    digests: dict[str, str] = {}
    try:
        data = ReportFiles(given.history / REPORTS).get(given.digest)
        for path in given.keys:
            made = data if path == places.report_json(given.digest) else _page(given, data)
            digests[path] = output.write(directory, path, made, given.before[path])
    except SamegoError as error:
        return Done(given, digests, str(error))
    return Done(given, digests)


def _page(given: Task, data: bytes) -> bytes:
    return html.render(Summary(read(data, given.digest)), given.around).encode(
        "utf-8", "backslashreplace"
    )


def read(data: bytes, digest: str) -> Report:
    """A report of the history: it was read when it was added, and its digest is that one.

    Raises ReportError for one that this samego cannot read.
    """
    name = f"the report {digest[:12]}"
    try:
        return load.loads(data, name=name, known=True)
    except (LookupError, TypeError, AttributeError):
        return load.loads(data, name=name)  # another samego's, or a forged one: this says which
