"""A report of an earlier version, as this version has it.

``samego.report/1`` has words where this version has values, lists in one text, and leaves keys
out. What only words say stays words: nothing is read out of a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samego.model import value
from samego.model.asked import is_written_by_check
from samego.model.failures import ToldFailure
from samego.model.finding import Why
from samego.model.places.files import Lines
from samego.model.report import SCHEMA

FIRST = "samego.report/1"
#: Details of a proof that were lists in one text, and what stood between two names.
_LISTS = {"patches": ", ", "fed_by": " ", "dropped_sections": " ", "added_sections": " "}


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A report of the first version, which its schema allows, as one of this version."""
    missing = data["not_compared"]
    usual = {"why": Why.NO_COUNTERPART.value, "package": ""}
    groups = [{**usual, **group} for group in missing["paths"]]
    result = {
        **data,
        "schema": SCHEMA,
        "findings": [_finding(finding) for finding in data["findings"]],
        "not_compared": {**missing, "paths": groups},
    }
    if "reproduction" in data:
        result["reproduction"] = _reproduction(data["reproduction"])
    return result


def with_failures(data: Mapping[str, Any]) -> dict[str, Any]:
    """A report whose consequences all say as values what fails; some had only a sentence."""
    findings = [
        {**each, "consequences": [_consequence(item) for item in each["consequences"]]}
        for each in data["findings"]
    ]
    listed = [_consequence(each) for each in data["consequences"]]
    return {**data, "findings": findings, "consequences": listed}


def _consequence(data: Mapping[str, Any]) -> dict[str, Any]:
    told = ToldFailure(data["sentence"], data["command"])
    # Whose pin it is was in the sentence alone.
    return {"failure": value.to_object(told), "pinned_by": data["side"], **data}


def _finding(data: Mapping[str, Any]) -> dict[str, Any]:
    words = {"causes": _told(data["cause"]), "places": _told(data["where"])}
    # Nothing but a rebuild had a command, and most of them are none that is read today.
    command = data["command"] if is_written_by_check(data["command"]) else ""
    result = {**data, **words, "rebuild": bool(data["command"]), "command": command}
    if lines := result.pop("lines", None):
        result["places"] = [{"kind": Lines.kind, **lines, "packed": False}]
    if data["proof"]:
        proof = data["proof"]
        details = {key: _detail(key, found) for key, found in proof["details"].items()}
        more = {"causes": _told(proof["cause"]), "details": details}
        result["proof"] = {**proof, **more, "rebuild": bool(proof["command"])}
        del result["proof"]["command"]
    return result


def _detail(key: str, found: object) -> object:
    if key not in _LISTS or not isinstance(found, str):
        return found
    return found.split(_LISTS[key]) if found else []


def _reproduction(data: Mapping[str, Any]) -> dict[str, Any]:
    artifacts = [
        {
            **artifact,
            "differences": [
                {**each, "causes": _told(each["cause"]), "places": _told(each["where"])}
                for each in artifact["differences"]
            ],
        }
        for artifact in data["artifacts"]
    ]
    return {**data, "artifacts": artifacts}


def _told(words: str) -> list[dict[str, object]]:
    """Words as a value; nothing for no words."""
    return [value.to_object(value.Told(words))] if words else []
