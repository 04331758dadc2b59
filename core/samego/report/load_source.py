"""Read a result of ``samego source`` back from JSON.

It may come from somebody else: what it says of itself must be what its parts say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from samego.report.load_result import ResultForm
from samego.system.terminal import visible

SCHEMA = "samego.source/1"
#: What another run, or somebody else, can decide.
_UNDECIDED = ("unreached", "other_zip")


def parse_source(data: bytes, *, name: str) -> dict[str, Any]:
    """A result from its bytes. Raises ReportError, naming ``name``, for anything else."""
    return _FORM.parse(data, name=name)


def is_source(data: bytes) -> bool:
    """Whether bytes are meant to be such a result."""
    return _FORM.claimed_by(data)


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


_FORM = ResultForm("source", SCHEMA, _contradictions)
