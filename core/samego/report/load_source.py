"""Read a result of ``samego source`` back from JSON.

It may come from somebody else: what it says of itself must be what its parts say.
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

SCHEMA = "samego.source/1"
#: What another run, or somebody else, can decide.
_UNDECIDED = ("unreached", "other_zip")
_HINT = "give what 'samego source --format json' wrote"


def parse_source(data: bytes, *, name: str) -> dict[str, Any]:
    """A result from its bytes. Raises ReportError, naming ``name``, for anything else."""
    if len(data) > LIMIT:
        raise ReportError(f"{name} is larger than {LIMIT >> 20} MiB", hint=_HINT)
    try:
        parsed = strict_json.parse(data)
    except ValueError as error:
        raise ReportError(f"{name} is not JSON ({visible(str(error))})", hint=_HINT) from error
    wrong = next(Draft202012Validator(shipped_schema("source")).iter_errors(parsed), None)
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path)) or "its top"
        raise ReportError(
            f"{name} is no {SCHEMA} ({visible(where)}: {visible(wrong.message[:200])})", hint=_HINT
        )
    result: dict[str, Any] = parsed
    for contradiction in _contradictions(result):
        raise ReportError(f"{name} contradicts itself: {contradiction}", hint=_HINT)
    return result


def is_source(data: bytes) -> bool:
    """Whether bytes are meant to be such a result."""
    try:
        parsed = strict_json.parse(data)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("schema") == SCHEMA


def _contradictions(result: Mapping[str, Any]) -> Iterator[str]:
    if result["verdict"] != _verdict(result):
        yield "its verdict does not follow from its parts"
    packing, git = result["packing"], result["git"]
    if bool(packing["differences"]) is not (packing["outcome"] == "differs"):
        yield "what it says of the packing does not follow from the files"
    if packing["outcome"] == "posted" and not packing["verified"]:
        yield "it calls the source upstream's, and says not how that was verified"
    if git is not None and bool(git["differences"]) is not (git["outcome"] == "differs"):
        yield "what it says of the tag does not follow from the files"
    for directory in result["vendored"]:
        for module in directory["modules"]:
            if _miscounted(module):
                yield f"the numbers of {visible(module['path'])} do not add up"


def _miscounted(module: Mapping[str, Any]) -> bool:
    unequal = sum(each["what"] != "missing" for each in module["differences"])
    if module["rests_on"] is None:
        return bool(module["identical"] or module["differences"] or module["record"] is not None)
    logged = module["record"] is not None
    return (
        module["identical"] + unequal != module["files"]
        or module["not_checked_because"] is not None
        or logged is not (module["rests_on"] == "log")
    )


def _verdict(result: Mapping[str, Any]) -> str:
    """What follows from the parts."""
    modules = [module for each in result["vendored"] for module in each["modules"]]
    git, packing = result["git"], result["packing"]
    differing = (
        packing["outcome"] == "differs",
        any(each["contradictions"] for each in result["vendored"]),
        any(module["differences"] for module in modules),
        any(each["as_pinned"] is False for each in result["opaque"]),
        git is not None and git["outcome"] == "differs",
        any(each["differences"] for each in result["generated"]),
    )
    if any(differing):
        return "differs"
    undecided = (
        packing["outcome"] == "undecided",
        not any(module["rests_on"] for module in modules),
        any(module["not_checked_because"] in _UNDECIDED for module in modules),
        git is not None and git["outcome"] == "undecided",
        any(each["not_run_because"] for each in result["generated"]),
    )
    return "undecided" if any(undecided) else "as_stated"
