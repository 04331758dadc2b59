from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from samego.errors import InputError
from samego.model.finding import Side, unexplained
from samego.model.places.files import Lines
from samego.model.report import Report
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers.issues import Checked, Undecided, issues
from samego.report.trackers.sarif import render
from support.reports import clean, sid, spotless, trixie

LEVELS = {"rebuild": "warning", "latent": "note", "breaks": "error", "unexplained": "error"}


def run(report: Report) -> dict[str, Any]:
    (found,) = json.loads(render([Checked(Summary(report))]))["runs"]
    return dict(found)


def test_each_issue_is_a_result_with_its_rule_level_and_place() -> None:
    for report in (trixie(), sid()):
        found = run(report)
        rules = found["tool"]["driver"]["rules"]
        expected = issues(Summary(report))
        assert len(found["results"]) == len(expected)
        for result, issue in zip(found["results"], expected, strict=True):
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == issue.kind.value
            assert result["level"] == LEVELS[issue.kind.value]
            place = result["locations"][0]["physicalLocation"]
            assert place["artifactLocation"]["uri"] == issue.path
            assert "region" not in place
        assert all(rule["help"]["text"] for rule in rules)


def test_what_passes_has_no_result_and_says_that_it_passes() -> None:
    found = run(spotless())
    assert found["results"] == []
    assert found["properties"]["passes"] is True
    assert found["invocations"] == [{"executionSuccessful": True}]


def test_architectures_are_categories_of_their_own() -> None:
    one = clean()
    target = replace(one.subject.target, goarch="arm64")
    other = replace(one, subject=replace(one.subject, target=target))
    parts = Checked(Summary(one)), Checked(Summary(other)), Checked(Summary(one), "/opt/go")
    text = render(parts)
    found = [each["automationDetails"]["id"] for each in json.loads(text)["runs"]]
    assert found == [
        "samego/debian/golang-1.24/linux-amd64/",
        "samego/debian/golang-1.24/linux-arm64/",
        "samego/%2Fopt%2Fgo/debian/golang-1.24/linux-amd64/",
    ]


def test_a_line_and_odd_paths() -> None:
    lines = Lines(first=3, distro=1, upstream=1, diff=("-a", "+b"), hidden=0)
    path = "src/a b\udcff%\x1b\u202e.go"
    finding = unexplained(path, Side.BOTH, "text", Told("why\u202e"), where=(lines,))
    (result,) = run(replace(clean(), findings=(finding,)))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3}
    uri = place["artifactLocation"]["uri"]
    assert uri.isascii()
    assert unquote(uri, errors="surrogateescape") == f"usr/lib/go-1.24/{path}"
    assert "\\u202e" in result["message"]["text"]
    assert "+b" in result["message"]["text"].split("\n")


def test_what_could_not_be_decided_is_no_pass() -> None:
    undecided = Undecided("/opt/go", InputError("it cannot be read", hint="ask somebody"))
    (found,) = json.loads(render([undecided]))["runs"]
    assert found["invocations"][0]["executionSuccessful"] is False
    (result,) = found["results"]
    assert result["level"] == "error"
    assert result["message"]["text"] == "/opt/go: it cannot be read: ask somebody"
