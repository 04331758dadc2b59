from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from samego.compare.verdict import waive
from samego.errors import InputError
from samego.model.finding import Side, unexplained
from samego.model.report import Report
from samego.model.reproduction import Reproduction
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers.issues import Checked, Undecided
from samego.report.trackers.junit import render
from support.builds import FAILED, NO_TOOL, debian, rebuilt
from support.reports import clean, sid, trixie
from support.words import told


def suite(report: Report) -> ET.Element:
    root = ET.fromstring(render([Checked(Summary(report))]))  # noqa: S314 - we wrote it
    assert root.tag == "testsuites"
    (found,) = root
    return found


def results(report: Report) -> dict[str, str]:
    """What became of each test case: its child's tag, or "pass"."""
    return {case.attrib["name"]: case[0].tag if len(case) else "pass" for case in suite(report)}


def test_each_difference_is_a_case_of_its_own() -> None:
    report = trixie()
    found = results(report)
    assert found[f"{report.identical:,} paths identical"] == "pass"
    assert found["bin/go"] == "failure"
    assert found["bin/gofmt"] == "pass"
    assert len(found) == len(report.findings) + 3


def test_the_numbers_are_those_of_the_cases() -> None:
    for report in (trixie(), sid(), clean()):
        element = suite(report)
        found = list(results(report).values())
        assert int(element.attrib["tests"]) == len(found)
        assert int(element.attrib["failures"]) == found.count("failure")
        assert int(element.attrib["errors"]) == found.count("error")
        assert int(element.attrib["skipped"]) == found.count("skipped")


def test_what_breaks_fails_unless_it_was_waived() -> None:
    report = sid()
    broken = {item.path for item in report.consequences}
    assert {results(report)[path] for path in broken} == {"failure"}
    findings, _unused = waive(report.findings, broken)
    assert {results(replace(report, findings=findings))[path] for path in broken} == {"skipped"}


@pytest.mark.parametrize(
    ("given", "result"),
    [
        (None, "skipped"),
        (rebuilt(debian()).reproduction, "pass"),
        (rebuilt(debian(), "golang-1.24-go").reproduction, "failure"),
        (FAILED, "error"),
        (NO_TOOL, "error"),
    ],
)
def test_the_rebuild_is_a_case_in_a_class_of_its_own(
    given: Reproduction | None, result: str
) -> None:
    report = replace(clean(), reproduction=given)
    assert results(report)["a rebuild makes the packages"] == result
    classes = {case.attrib["classname"] for case in suite(report)}
    assert len(classes) == 2
    # The answer on upstream stays what it was.
    rest = {k: v for k, v in results(report).items() if k != "a rebuild makes the packages"}
    assert set(rest.values()) == {"pass"}


def test_what_could_not_be_decided_is_an_error() -> None:
    undecided = Undecided("/opt/go", InputError("it cannot be read", hint="ask somebody"))
    root = ET.fromstring(render([Checked(Summary(clean())), undecided]))  # noqa: S314 - we wrote it
    (_passing, element) = root
    assert element.attrib["errors"] == "1"
    assert element[0][0].attrib["message"] == "it cannot be read: ask somebody"


def test_an_unverified_upstream_fails() -> None:
    report = clean()
    given = replace(report, upstream=replace(report.upstream, verified=()))
    assert results(given)["upstream's file is verified"] == "failure"


def test_hostile_text_stays_text() -> None:
    nasty = 'a]]>"<b>\x00\x1b\u202e&amp;'
    finding = unexplained(nasty, Side.BOTH, "text", Told(nasty), where=told(nasty))
    case = next(
        case
        for case in suite(replace(clean(), findings=(finding,)))
        if case.attrib["name"].startswith("a]]>")
    )
    assert case.attrib["name"] == 'a]]>"<b>\\x00\\x1b\\u202e&amp;'
    assert case[0].text == case.attrib["name"]
