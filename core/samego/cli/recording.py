"""Keeping what a command found in the history."""

from __future__ import annotations

import sys
import time

from samego.config import Config
from samego.errors import SamegoError
from samego.monitor.history.store import moment, open_history
from samego.system.terminal import visible


def record(text: str, config: Config) -> None:
    """Add a report, as JSON, to the user's history, unless the settings say not to.

    The answer has been given by then: where it cannot be kept, a warning says so.
    """
    if not config.record:
        return
    try:
        with open_history(config.history_directory) as history:
            history.add_report(text.encode(), moment(time.time()), name="the report")
    except (SamegoError, OSError) as error:
        sys.stderr.write(f"samego: warning: not kept in the history: {visible(str(error))}\n")
