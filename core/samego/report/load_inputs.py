"""Read a result of ``samego inputs`` back from JSON.

It may come from somebody else: what it says of itself must be what its builds say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import ReportError
from samego.report import strict_json
from samego.report.load import LIMIT
from samego.report.shipped_schema import shipped_schema
from samego.system.terminal import visible

SCHEMA = "samego.inputs/1"
#: The worst last.
_ORDER = ("same_bytes", "undecided", "differs")
_HINT = "give what 'samego inputs --format json' wrote"


def parse_inputs(data: bytes, *, name: str) -> dict[str, Any]:
    """A result from its bytes. Raises ReportError, naming ``name``, for anything else."""
    if len(data) > LIMIT:
        raise ReportError(f"{name} is larger than {LIMIT >> 20} MiB", hint=_HINT)
    try:
        parsed = strict_json.parse(data)
    except ValueError as error:
        raise ReportError(f"{name} is not JSON ({visible(str(error))})", hint=_HINT) from error
    wrong = next(Draft202012Validator(shipped_schema("inputs")).iter_errors(parsed), None)
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path)) or "its top"
        raise ReportError(
            f"{name} is no {SCHEMA} ({visible(where)}: {visible(wrong.message[:200])})", hint=_HINT
        )
    result: dict[str, Any] = parsed
    for contradiction in _contradictions(result):
        raise ReportError(f"{name} contradicts itself: {contradiction}", hint=_HINT)
    return result


def is_inputs(data: bytes) -> bool:
    """Whether bytes are meant to be such a result."""
    try:
        parsed = strict_json.parse(data)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("schema") == SCHEMA


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
