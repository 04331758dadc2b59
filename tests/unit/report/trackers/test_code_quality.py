from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from samego.errors import InputError
from samego.model.finding import Side, unexplained
from samego.model.places.files import Lines
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers.code_quality import render
from samego.report.trackers.issues import Checked, Undecided, issues
from support.reports import clean, sid, spotless, trixie

#: What GitLab's documentation says of the format ("Code Quality report format").
_TEXT = {"type": "string", "minLength": 1}
FORMAT = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": _TEXT,
            "check_name": _TEXT,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    # Relative, and without ./ at its begin.
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def entries(*given: Summary | Undecided) -> list[dict[str, Any]]:
    parts = [each if isinstance(each, Undecided) else Checked(each) for each in given]
    found = json.loads(render(parts))
    Draft202012Validator(FORMAT).validate(found)
    return list(found)


def test_each_issue_is_an_entry() -> None:
    for report in (trixie(), sid()):
        summary = Summary(report)
        found = [(e["check_name"], e["location"]["path"]) for e in entries(summary)]
        assert found == [(issue.kind.value, issue.path) for issue in issues(summary)]
        assert all(entry["location"]["lines"] == {"begin": 1} for entry in entries(summary))


def test_what_passes_has_none() -> None:
    assert render([Checked(Summary(spotless()))]) == "[]\n"


def test_severities_say_how_bad_it_is() -> None:
    assert {e["check_name"]: e["severity"] for e in entries(Summary(sid()))}["breaks"] == "blocker"
    assert {e["severity"] for e in entries(Summary(trixie()))} == {"major", "info"}


def test_a_line_and_hostile_text() -> None:
    lines = Lines(first=3, distro=1, upstream=1, diff=("-a", "+b"), hidden=0)
    finding = unexplained("src/\x1b.go", Side.BOTH, "text", Told("why\u202e"), where=(lines,))
    (entry,) = entries(Summary(replace(clean(), findings=(finding,))))
    assert entry["location"] == {"path": "usr/lib/go-1.24/src/\\x1b.go", "lines": {"begin": 3}}
    assert "why\\u202e" in entry["description"]
    assert "+b" in entry["content"]["body"].split("\n")


def test_several_are_one_list_and_what_could_not_be_decided_is_in_it() -> None:
    undecided = Undecided("/opt/go", InputError("it cannot be read", hint="ask somebody"))
    found = entries(Summary(spotless()), undecided, Summary(sid()))
    assert found[0]["check_name"] == "undecided"
    assert found[0]["location"]["path"] == "opt/go"
    assert len({entry["fingerprint"] for entry in found}) == len(found)
