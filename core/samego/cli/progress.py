"""Progress on stderr: bars on a terminal, one line a stage elsewhere, or nothing."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from samego.rebuild.estimate import duration
from samego.system import log
from samego.system.progress import Progress, Silent
from samego.system.terminal import visible

#: Seconds between two updates of a bar: advances come with every block that is read.
_INTERVAL = 0.1
#: Seconds between two lines about one long stage.
_MINUTE = 60.0
#: Columns of a bar, at least and at most, and of what stands behind it.
_NARROW, _WIDE, _BEHIND = 8, 40, 38


class LineProgress:
    """One plain line for each stage and note, and one a minute for a stage that is long."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._clock = clock
        self._began = self._told = clock()

    def stage(self, name: str) -> None:
        """Print the stage's name."""
        self._began = self._told = self._clock()
        self.note(name)

    def note(self, line: str) -> None:
        """Print a line."""
        with self._lock:
            self._stream.write(f"samego: {visible(line)}\n")
            self._stream.flush()

    def advance(self, done: int, total: int | None) -> None:
        """Print how far a long stage is, once a minute; a log needs no more."""
        now = self._clock()
        if total is None or now - self._told < _MINUTE:
            return
        self._told = now
        self.note(left(done, total, now - self._began))


def left(done: int, total: int, elapsed: float) -> str:
    """``40 %, about 3 min left``; without the second part until there is a pace."""
    part = f"{100 * done // max(total, 1)} %"
    if not 0 < done < total:
        return part
    return f"{part}, about {duration(elapsed * (total - done) / done)} left"


class _Left(ProgressColumn):
    """A stage's progress and remaining time; empty where the total is unknown."""

    def render(self, task: Task) -> Text:
        """The words of one task."""
        if not task.total or not task.completed:
            return Text("")
        return Text(left(int(task.completed), int(task.total), task.elapsed or 0.0))


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
            if total is None:  # update leaves a total that was known
                for task in self._bars.tasks:
                    task.total = None


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
    bar = max(_NARROW, min(_WIDE, console.width // 5))
    name = max(_NARROW, console.width - bar - _BEHIND)
    columns = (
        SpinnerColumn(),
        TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", max_width=name),
        ),
        BarColumn(bar_width=bar),
        _Left(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        yield Terminal(bars)
