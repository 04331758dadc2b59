"""Read a result of ``samego inputs`` back from JSON.

It may come from somebody else: what it says of itself must be what its builds say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from samego.report.load_result import ResultForm
from samego.system.terminal import visible

SCHEMA = "samego.inputs/1"
#: The worst last.
_ORDER = ("same_bytes", "undecided", "differs")


def parse_inputs(data: bytes, *, name: str) -> dict[str, Any]:
    """A result from its bytes. Raises ReportError, naming ``name``, for anything else."""
    return _FORM.parse(data, name=name)


def is_inputs(data: bytes) -> bool:
    """Whether bytes are meant to be such a result."""
    return _FORM.claimed_by(data)


def _contradictions(result: Mapping[str, Any]) -> Iterator[str]:
    verdicts = [target["verdict"] for target in result["targets"]]
    if result["verdict"] != max(verdicts, key=_ORDER.index):
        yield "its verdict is not the worst of its targets'"
    for target in result["targets"]:
        if target["verdict"] != _verdict(target):
            yield f"the verdict of {visible(target['target'])} does not follow from its builds"
        changing = {row["name"] for row in target["variations"] if row["changes_the_bytes"]}
        built = target["varied"] is not None
        if built and changing != set(target["culprits"]):
            yield f"{visible(target['target'])} has other culprits than what changes its bytes"
        if built and bool(changing) is not _differs(target) and not target["doubt"]:
            yield f"what was varied of {visible(target['target'])} does not follow from its builds"


def _verdict(target: Mapping[str, Any]) -> str:
    """What follows from the builds."""
    if target["doubt"]:
        return "undecided"
    if _differs(target) or any(each["unexpected"] for each in target["inputs"]):
        return "differs"
    errors = any(each["error"] for each in target["inputs"])
    return "undecided" if target["varied"] is None or errors else "same_bytes"


def _differs(target: Mapping[str, Any]) -> bool:
    varied = target["varied"]
    return varied is not None and bool(varied["files"] != target["plain"]["files"])


_FORM = ResultForm("inputs", SCHEMA, _contradictions)
