"""Queueing archives in a rebuilderd daemon: rebuildctl sends them.

rebuildctl knows where the daemon's administrator keeps the key, and what a daemon of its version
reads. ``rebuildctl pkgs sync-stdin`` takes one report from its standard input; its exit status is
not 0 where the daemon did not take it (rebuilderd 0.28).
"""

from __future__ import annotations

import json
import logging
import subprocess

from samego.errors import ConfigError, ToolError
from samego.integrations.rebuilderd.packages import PackageReport
from samego.model.public_url import clean_sentence, public_url, redacted
from samego.model.secrets import public_text

PROGRAM = "rebuildctl"
#: Seconds; a daemon answers in a few.
_PATIENCE = 300
_log = logging.getLogger(__name__)


def send(report: PackageReport, endpoint: str) -> None:
    """Send the whole of a group to the daemon at ``endpoint`` (empty: rebuildctl's own choice).

    Raises ToolError where rebuildctl is not installed or cannot send it, ConfigError for an
    endpoint with a password, which every user could read on rebuildctl's command line.
    """
    if endpoint and public_url(endpoint) != endpoint:
        raise ConfigError(
            f"{redacted(endpoint)} holds a user or a password, which other users could see",
            hint="write it into rebuilderd.conf ([http] endpoint), and leave out --endpoint",
        )
    words = [PROGRAM, *(("-H", endpoint) if endpoint else ()), "pkgs", "sync-stdin"]
    _log.info("running %s", " ".join(words))
    try:
        done = subprocess.run(
            words,
            input=json.dumps(report.to_object()),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise ToolError(
            f"cannot run rebuildctl ({error.strerror})",
            hint="install rebuildctl, or use --print and send the reports from the daemon's host",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            f"rebuildctl did not end within {_PATIENCE} s", hint="check the daemon, then try again"
        ) from error
    if done.returncode:
        raise ToolError(
            f"rebuildctl cannot queue {report.release} {report.architecture}"
            f" ({_reason(done.stderr, endpoint)})",
            hint="check that rebuilderd runs there, and rebuildctl's key: REBUILDERD_COOKIE_PATH",
        )


def _reason(stderr: str, endpoint: str) -> str:
    """The last cause that rebuildctl printed."""
    last = next((line for line in reversed(stderr.splitlines()) if line.strip()), "no reason given")
    return clean_sentence(public_text(last.strip(), endpoint))
