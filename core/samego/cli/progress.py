"""Progress on stderr: bars on a terminal, one line a stage elsewhere, or nothing."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from samego.system import log
from samego.system.progress import Progress, Silent
from samego.system.terminal import visible

#: Seconds between two updates of a bar: advances come with every block that is read.
_INTERVAL = 0.1


class LineProgress:
    """One plain line for each stage and note."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def stage(self, name: str) -> None:
        """Print the stage's name."""
        self.note(name)

    def note(self, line: str) -> None:
        """Print a line."""
        with self._lock:
            self._stream.write(f"samego: {visible(line)}\n")
            self._stream.flush()

    def advance(self, done: int, total: int | None) -> None:
        """Ignore an advance: a log has no use for it."""


class Terminal:
    """A bar for the current stage, gone when the run ends; notes stay above it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._shown = 0.0

    def stage(self, name: str) -> None:
        """Take the last stage's bar away and begin another."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(visible(name), total=None)

    def note(self, line: str) -> None:
        """Print a line above the bar."""
        self._bars.console.print(
            f"samego: {visible(line)}", markup=False, highlight=False, soft_wrap=True
        )

    def advance(self, done: int, total: int | None) -> None:
        """Move the bar, at most some times a second."""
        now = time.monotonic()
        if self._task is not None and (now - self._shown >= _INTERVAL or done == total):
            self._shown = now
            self._bars.update(self._task, completed=done, total=total)


@contextlib.contextmanager
def listen(*, quiet: bool, stream: TextIO | None = None) -> Iterator[Progress]:
    """A listener for one run that writes to ``stream`` (stderr), or to nothing when quiet."""
    out = stream or sys.stderr
    if quiet:
        yield Silent()
        return
    console = Console(file=out)
    if not out.isatty() or console.is_dumb_terminal or log.followed():
        yield LineProgress(out)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        yield Terminal(bars)
