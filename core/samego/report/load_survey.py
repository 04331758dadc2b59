"""Read a survey back from JSON: its reports as :mod:`samego.report.load` reads each."""

from __future__ import annotations

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import ReportError, SamegoError
from samego.model.survey import SCHEMA, Survey, Surveyed, SystemNotes
from samego.report import load, strict_json
from samego.report.shipped_schema import shipped_schema
from samego.report.survey import to_object
from samego.system.terminal import visible

#: A survey says within so many bytes that it is one.
_BEGIN = 200
_FAMILY = SCHEMA.partition("/")[0].encode()


def is_survey(data: bytes) -> bool:
    """Whether this is a survey, or wants to be one, rather than a report."""
    return _FAMILY in data[:_BEGIN]


def loads(data: bytes, *, name: str) -> Survey:
    """Read a survey from its bytes; ``name`` says in messages what was read.

    Raises ReportError for what is no survey, or contradicts itself.
    """
    if len(data) > load.LIMIT:
        raise ReportError(
            f"{name} is larger than {load.LIMIT >> 20} MiB",
            hint="name the report of one toolchain",
        )
    try:
        parsed = strict_json.parse(data)
    except (ValueError, OverflowError) as error:
        raise ReportError(
            f"{name} is not JSON ({visible(str(error))})",
            hint="name a file that 'samego check --format json' wrote",
        ) from error
    if not _validator().is_valid(parsed):
        raise ReportError(
            f"{name} is not {SCHEMA} as samego writes it",
            hint="it was changed or damaged, or another samego wrote it: check again",
        )
    survey = Survey(
        parsed["subject"],
        tuple(_toolchain(each, name) for each in parsed["toolchains"]),
        _notes(parsed),
        parsed["samego"],
    )
    found = json.loads(json.dumps(to_object(survey)))
    for key in ("verdict", "passes"):
        shown = [parsed[key], *(each[key] for each in parsed["toolchains"])]
        if shown != [found[key], *(each[key] for each in found["toolchains"])]:
            raise ReportError(
                f"{name} contradicts itself: {key} is not what its reports give",
                hint="it was changed or damaged, or another samego wrote it: check again",
            )
    return survey


def _toolchain(data: dict[str, Any], name: str) -> Surveyed:
    report = data["report"]
    given = None
    if report is not None:
        where = visible(data["where"] or data["found"])
        given = load.loads(json.dumps(report).encode(), name=f"{name}, {where}")
    error = data["error"]
    return Surveyed(
        data["system"],
        data["where"],
        tuple(data["also"]),
        data["found"],
        data["claims"],
        given,
        SamegoError(error["message"], hint=error["hint"], tried=tuple(error["tried"]))
        if error is not None
        else None,
    )


def _notes(data: dict[str, Any]) -> tuple[SystemNotes, ...]:
    """The notes of each system, in the order of the toolchains'."""
    each = (*data["toolchains"], *data["not_read"], *data["strays"])
    return tuple(
        SystemNotes(
            system,
            tuple((n["path"], n["cause"]) for n in data["not_read"] if n["system"] == system),
            tuple(n["path"] for n in data["strays"] if n["system"] == system),
        )
        for system in dict.fromkeys(item["system"] for item in each)
    )


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(shipped_schema("survey"))
