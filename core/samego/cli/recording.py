"""Keeping what a command found in the history."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime

from samego.config import Config
from samego.errors import SamegoError
from samego.model.attempt import Attempt
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History, open_history
from samego.monitor.history.undecided import keep_undecided, undecided_of
from samego.report import json
from samego.report.summary import Summary
from samego.system.terminal import visible


def record(summary: Summary, text: str | None, config: Config) -> None:
    """Add a report to the user's history, unless the settings say not to.

    ``text`` is the report as JSON where it has been written, else None. The answer has been
    given by then: where it cannot be kept, a warning says so.
    """
    if config.record:
        data = (json.render(summary) if text is None else text).encode()
        _keep(config, lambda history, when: history.add_own(summary, data, when))


def record_result(text: str, config: Config) -> None:
    """Add the result of ``samego rebuild``, ``inputs`` or ``source``, as JSON, in the same way."""
    if config.record:
        data = text.encode()
        _keep(config, lambda history, when: history.add_report(data, when, name="the result"))


def record_undecided(config: Config, attempt: Attempt) -> None:
    """Add a check that could not be decided, in the same way."""
    if config.record:
        _keep(config, lambda history, when: _add_undecided(history, attempt, when))


def _add_undecided(history: History, attempt: Attempt, when: datetime) -> None:
    run = undecided_of(attempt, when)
    if run is not None:
        keep_undecided(history, run)


def _keep(config: Config, add: Callable[[History, datetime], object]) -> None:
    try:
        with open_history(config.history_directory) as history:
            add(history, moment(time.time()))
    except (SamegoError, OSError) as error:
        sys.stderr.write(f"samego: warning: not kept in the history: {visible(str(error))}\n")
