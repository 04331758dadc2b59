"""The log on stderr: steps with ``-v`` (INFO), requests and rules with ``-vv`` (DEBUG).

Every module logs to ``logging.getLogger(__name__)``. Outside :func:`following` nothing is shown.
A message is one printable line. URLs in it are shortened to their public part
(:func:`~samego.model.public_url.public_url`), and secrets are hidden.
"""

from __future__ import annotations

import functools
import logging
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from samego.model.secrets import public_text
from samego.system.terminal import visible

#: The names of the core's and the plugins' loggers begin with this.
_OURS = "samego"
_LEVELS = {1: logging.INFO, 2: logging.DEBUG}
_commands = logging.getLogger(f"{_OURS}.system.command")


class _Lines(logging.Formatter):
    """``samego: [  1.234 s] message``: seconds since logging began."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.time()

    def format(self, record: logging.LogRecord) -> str:
        text = visible(public_text(record.getMessage()))
        return f"samego: [{record.created - self._began:7.3f} s] {text}"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0].startswith(_OURS)


@contextmanager
def following(verbosity: int, stream: TextIO | None = None) -> Iterator[None]:
    """Show the log of a block: level 1 has each step, 2 or more also each request and rule.

    ``stream`` is stderr where none is given. Every started program is logged as well, by
    Python's audit event ``subprocess.Popen``, which covers all calls.
    """
    if verbosity < 1:
        yield
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Lines())
    handler.addFilter(_is_ours)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(_LEVELS.get(verbosity, logging.DEBUG))
    _hook_commands()
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def followed() -> bool:
    """Whether the log is shown: its lines would break a progress bar."""
    return _commands.isEnabledFor(logging.INFO)


@functools.cache
def _hook_commands() -> None:
    """Log commands; once, as an audit hook cannot be removed."""
    sys.addaudithook(_log_command)


def _log_command(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and followed():
        words = arguments[1]
        listed = words if isinstance(words, (list, tuple)) else [words]
        _commands.info("running %s", shlex.join(map(_text, listed)))


def _text(word: object) -> str:
    return os.fsdecode(word) if isinstance(word, bytes) else str(word)


@contextmanager
def timed(logger: logging.Logger, what: str) -> Iterator[None]:
    """Log at INFO how long a block took, in seconds."""
    began = time.monotonic()
    logger.info("%s", what)
    try:
        yield
    finally:
        logger.info("%s: %.3f s", what, time.monotonic() - began)
