"""The line in a build's log that says what a backend found, for programs.

rebuilderd compares bytes, and calls a file that is not there BAD like one that differs: the
exit status of a backend is not recorded. What happened stands in the log, on one line behind
:data:`PREFIX`. Its schema is ``samego.rebuilderd/1``.

All that a build prints stands in the same log. So the backend, before it starts anything,
writes a line with a marker that a build cannot guess (:data:`OPENING`), and its result behind the
same marker. A line with another marker, or before that one, is a build's.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from samego.errors import InputError
from samego.model.reproduction import Outcome

SCHEMA = "samego.rebuilderd/1"
OPENING = "samego-rebuilderd-run: "
PREFIX = "samego-rebuilderd-result: "
#: 128 random bits, in hex.
_MARKER = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BackendResult:
    """What a backend found.

    ``outcome`` says whether the rebuild gave the input (its artifacts); ``upstream``
    whether it is upstream's: a rebuild's verdict for ``go``, a report's for a package, and
    empty where that was not decided, with ``cause``. Digests are sha256 in lower-case hex,
    empty where there is no such file. ``report`` is the path of the report that was kept.
    """

    backend: str
    input: str
    outcome: Outcome
    upstream: str = ""
    cause: str = ""
    input_sha256: str = ""
    rebuilt_sha256: str = ""
    report: str = ""
    samego: str = ""


def new_marker() -> str:
    """A marker for one run."""
    return secrets.token_hex(16)


def opening(marker: str) -> str:
    """The line with which a run begins, without its end."""
    return OPENING + marker


def line(result: BackendResult, marker: str) -> str:
    """The line, without its end."""
    data = {"schema": SCHEMA, **asdict(result), "outcome": result.outcome.value}
    return f"{PREFIX}{marker} {json.dumps(data)}"


def find(log: str) -> BackendResult | None:
    """The result in a build's log: the last line with the run's marker; None without one.

    Raises InputError for a line that is not what this module writes.
    """
    # Not splitlines: to that, characters which a build can print end a line as well.
    lines = [each.removesuffix("\r") for each in log.split("\n")]
    opened = next((at for at, each in enumerate(lines) if each.startswith(OPENING)), None)
    if opened is None:
        return None
    marker = lines[opened].removeprefix(OPENING)
    begin = f"{PREFIX}{marker} "
    found = [each for each in lines[opened:] if each.startswith(begin)]
    if not found or not _MARKER.fullmatch(marker):
        return None
    try:
        return _parse(json.loads(found[-1].removeprefix(begin)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"the log's last line behind {PREFIX!r} is not of {SCHEMA}",
            hint="read it with the samego that wrote it",
        ) from error


def _parse(data: dict[str, Any]) -> BackendResult:
    if data.pop("schema") != SCHEMA or not all(isinstance(value, str) for value in data.values()):
        raise ValueError(SCHEMA)
    return BackendResult(**{**data, "outcome": Outcome(data["outcome"])})
