"""The line in a build's log that says what a backend found, for programs.

rebuilderd compares bytes, and calls a file that is not there BAD like one that differs: the
exit status of a backend is not recorded. What happened stands in the log, on one line behind
:data:`PREFIX`. Its schema is ``samego.rebuilderd/1``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from samego.errors import InputError
from samego.reproduction import Outcome

SCHEMA = "samego.rebuilderd/1"
PREFIX = "samego-rebuilderd-result: "


@dataclass(frozen=True, slots=True)
class Result:
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


def line(result: Result) -> str:
    """The line, without its end."""
    data = {"schema": SCHEMA, **asdict(result), "outcome": result.outcome.value}
    return PREFIX + json.dumps(data)


def find(log: str) -> Result | None:
    """The result in a build's log: the last such line; None without one.

    Raises InputError for a line that is not what this module writes.
    """
    found = [each for each in log.splitlines() if each.startswith(PREFIX)]
    if not found:
        return None
    try:
        return _parse(json.loads(found[-1].removeprefix(PREFIX)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"the log's last line behind {PREFIX!r} is not of {SCHEMA}",
            hint="read it with the samego that wrote it",
        ) from error


def _parse(data: dict[str, Any]) -> Result:
    if data.pop("schema") != SCHEMA or not all(isinstance(value, str) for value in data.values()):
        raise ValueError(SCHEMA)
    return Result(**{**data, "outcome": Outcome(data["outcome"])})
