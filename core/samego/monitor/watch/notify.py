"""Passes each item of news to the user's command, at least once."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from samego.errors import ConfigError
from samego.monitor.history import news
from samego.monitor.history.news import News
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.system.terminal import visible

#: Seconds that the command may take for one item.
PATIENCE = 60.0
_SHOWN = 300
_LONGEST = 64 << 10


@dataclass(frozen=True, slots=True)
class NotifyResult:
    """How many items were sent, and why others were not: the next pass sends those."""

    sent: int
    failures: tuple[str, ...]


def words(command: str) -> tuple[str, ...]:
    """The command as a shell would split it; no shell runs it. Raises ConfigError."""
    try:
        found = tuple(shlex.split(command))
    except ValueError as error:
        raise ConfigError(
            f"--notify {command!r} cannot be split into words ({error})", hint="check its quotes"
        ) from error
    if not found:
        raise ConfigError("--notify names no command", hint="name one, such as /usr/bin/logger")
    return found


def send(history: History, command: Sequence[str], *, patience: float = PATIENCE) -> NotifyResult:
    """Call the command once for each item that was not sent yet, the most important first.

    An item is sent when the command ends with status 0, within ``patience`` seconds. After a
    failure the others are still sent, but not where the command cannot be started or hangs.
    """
    sent, failures = 0, []
    for item in news.not_notified(history):
        failure, fatal = _call(command, item, patience)
        if failure:
            failures.append(f"{item.kind.value} {item.number}: {failure}")
            if fatal:
                break
            continue
        news.mark_notified(history, item, moment(time.time()))
        sent += 1
    return NotifyResult(sent, tuple(failures))


def _call(command: Sequence[str], item: News, patience: float) -> tuple[str, bool]:
    """Why the command failed (empty: it did not), and whether it would fail for others too."""
    data = json.dumps(item.to_object(), indent=2).encode() + b"\n"
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                # A file: background processes of the command do not make samego wait.
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            return f"{visible(command[0])} cannot be run ({error.strerror})", True
        with process:
            try:
                process.communicate(data, timeout=patience)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return f"{visible(command[0])} did not end within {patience:.0f} seconds", True
        log.seek(0)
        lines = log.read(_LONGEST).decode("utf-8", "replace").strip().splitlines()
    if process.returncode == 0:
        return "", False
    why = f": {visible(lines[-1])[:_SHOWN]}" if lines else ""
    return f"{visible(command[0])} ended with status {process.returncode}{why}", False
