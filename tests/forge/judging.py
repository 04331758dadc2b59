"""What a check of a forged package has to say, and whether it did."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forge.running import Ran

_PASSES = {"identical", "equivalent", "explained"}
#: What the command line says of an exception that nobody raised on purpose.
_BUG = "this is a bug of samego"
#: A name shorter than this is looked for as a finding's path only.
_SHORT = 3


class Outcome(enum.Enum):
    """How a check of a forged package ended; the last five are faults of samego's."""

    NAMED = "named"
    REFUSED = "refused"
    PASSED = "passed"
    UNNAMED = "not named"
    CRASHED = "crashed"
    HUNG = "hung"
    LITTERED = "left something"

    @property
    def good(self) -> bool:
        """Whether this is as it should be."""
        return self in {Outcome.NAMED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome, and what was said: the findings that do not pass, or the error."""

    outcome: Outcome
    said: str


def judge(ran: Ran, names: Sequence[str], packages: Sequence[str]) -> Judgement:
    """Hold a run against the names of which one has to be said.

    A refusal may name one of the packages instead: what cannot be read has no paths.
    """
    if ran.status is None:
        return Judgement(Outcome.HUNG, f"after {ran.seconds:.0f} s")
    if "Traceback" in ran.stderr or ran.status not in {0, 1, 2}:
        return Judgement(Outcome.CRASHED, f"status {ran.status}: {ran.stderr[-500:]}")
    if ran.left:
        return Judgement(Outcome.LITTERED, ", ".join(ran.left[:3]))
    if ran.status == 0:
        return Judgement(Outcome.PASSED, "")
    if ran.status == 2:
        return _refusal(ran.stderr.strip(), [*names, *packages])
    return _findings(ran.report, names)


def _refusal(said: str, names: Sequence[str]) -> Judgement:
    """A refusal is an error with a hint, and says what it is about."""
    first, second = [*said.splitlines(), "", ""][:2]
    if not first.startswith("error: ") or not second.startswith("hint: ") or _BUG in said:
        return Judgement(Outcome.CRASHED, said[:500])
    good = _mentions(said, names)
    return Judgement(Outcome.REFUSED if good else Outcome.UNNAMED, said)


def _findings(report: Mapping[str, Any], names: Sequence[str]) -> Judgement:
    failing = [finding for finding in report["findings"] if not _passes(finding)]
    said = "; ".join(f"{f['path']} ({f['standing']})" for f in failing[:12])
    if report["passes"]:
        return Judgement(Outcome.CRASHED, "status 1, and the report says that it passes")
    good = any(f["path"] in names for f in failing) or any(
        _mentions(json.dumps(finding, ensure_ascii=False), names) for finding in failing
    )
    return Judgement(Outcome.NAMED if good else Outcome.UNNAMED, said)


def _passes(finding: Mapping[str, Any]) -> bool:
    standings = {finding["standing"], finding.get("effective", finding["standing"])}
    breaks = any(found.get("breaks") for found in finding.get("consequences", ()))
    return standings <= _PASSES and not breaks


def _mentions(text: str, names: Sequence[str]) -> bool:
    return any(name in text for name in names if len(name) >= _SHORT)
