"""How a long run reports its progress, independent of who shows it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from samego.system import ending

#: Seconds between two advances of a stage that reports none itself.
_TICK = 1.0
#: What is said once of a stage that takes longer than expected.
_LONGER = "this takes longer than expected: the machine may be slow, or busy"


class Progress(Protocol):
    """A listener to a run. Its methods may be called from several threads."""

    def stage(self, name: str) -> None:
        """A stage begins, and the one before it ends (``reading golang-1.24-src``)."""

    def note(self, line: str) -> None:
        """One line that the user should see (``go.dev does not answer: ...``)."""

    def advance(self, done: int, total: int | None) -> None:
        """The current stage has done this much (bytes or files); ``total`` None: not known."""


class Silent:
    """A listener that ignores everything."""

    def stage(self, name: str) -> None:
        """Ignore a stage."""

    def note(self, line: str) -> None:
        """Ignore a line."""

    def advance(self, done: int, total: int | None) -> None:
        """Ignore an advance."""


@contextlib.contextmanager
def expected(progress: Progress, seconds: float, tick: float = _TICK) -> Iterator[None]:
    """Advance the current stage by the clock while the context lasts.

    For a stage that reports no progress itself and takes about so many seconds. When they are over
    it has no end that is known.
    """
    total = max(round(seconds), 1)
    began, done = time.monotonic(), threading.Event()

    def advance() -> None:
        with contextlib.suppress(ending.RunEndedError):
            while not done.wait(tick):
                elapsed = int(time.monotonic() - began)
                if elapsed >= total:
                    progress.note(_LONGER)
                    progress.advance(elapsed, None)
                    return
                progress.advance(elapsed, total)

    thread = threading.Thread(target=advance, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
