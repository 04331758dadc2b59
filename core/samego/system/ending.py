"""Ends the waits of every thread when the run ends.

Only the main thread receives signals. Waits in other threads (for a lock, or a server) check here,
so that an ended run does not wait for them.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from samego.errors import SamegoError

#: Seconds between two checks.
INTERVAL = 0.1
_all = threading.Event()
_kept: list[str] = []
_own = threading.local()


class RunEndedError(SamegoError):
    """The run that this wait belongs to was ended; the error is not shown."""

    def __init__(self) -> None:
        super().__init__("the run was ended", hint="start it again")


def end_all() -> None:
    """End every wait of this process, in all threads. For the handler of a signal."""
    _all.set()


def begin() -> None:
    """Forget an earlier end: a new run begins."""
    _all.clear()
    _kept.clear()


def keeps(what: str) -> None:
    """State what the next run reuses; the user is told when this one is interrupted."""
    _kept[:] = [what]


def kept() -> str:
    """What is kept of the run, in one sentence; empty where nothing is."""
    return _kept[0] if _kept else ""


@contextlib.contextmanager
def until(stop: threading.Event) -> Iterator[None]:
    """End the waits of this thread also when ``stop`` is set."""
    before = getattr(_own, "stop", None)
    _own.stop = stop
    try:
        yield
    finally:
        _own.stop = before


def watched() -> Callable[[], bool]:
    """A function, for any thread to call, that says whether this thread's run has ended."""
    stop: threading.Event | None = getattr(_own, "stop", None)
    return lambda: _all.is_set() or (stop is not None and stop.is_set())


def check() -> None:
    """Raise RunEndedError when the run of this thread has ended."""
    if watched()():
        raise RunEndedError


def sleep(seconds: float) -> None:
    """Wait so many seconds. Raises RunEndedError as soon as the run has ended."""
    end = time.monotonic() + seconds
    while True:
        check()
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, INTERVAL))
