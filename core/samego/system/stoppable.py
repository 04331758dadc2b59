"""Progress of a run that another thread may end."""

from __future__ import annotations

import threading

from samego.system import ending
from samego.system.progress import Progress


class Stoppable:
    """Passes progress on, and ends a thread that reports to a run that has ended."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        #: Set when the run has ended.
        self.stopped = threading.Event()

    def stop(self) -> None:
        """Make every further report raise."""
        self.stopped.set()

    def stage(self, name: str) -> None:
        """Pass a stage on."""
        self._check()
        self._progress.stage(name)

    def note(self, line: str) -> None:
        """Pass a line on."""
        self._check()
        self._progress.note(line)

    def advance(self, done: int, total: int | None) -> None:
        """Pass an advance on."""
        self._check()
        self._progress.advance(done, total)

    def _check(self) -> None:
        if self.stopped.is_set():
            raise ending.RunEndedError
