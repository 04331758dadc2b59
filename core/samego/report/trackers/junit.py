"""Reports as JUnit XML, for continuous integration: one suite a report.

Format: the JUnit XML that Jenkins and GitLab read (testsuites, testsuite, testcase with
failure, error or skipped). Each difference is a test case of its own, all that is
identical one; whether a rebuild gives the packages is one more, in a class of its own: it
is another question.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from samego.compare.verdict import confirmed_enough
from samego.model.finding import Finding
from samego.model.report import Report
from samego.report import waived
from samego.report.reproduction import headline
from samego.report.summary import Summary
from samego.report.trackers.issues import (
    Checked,
    Undecided,
    meets_bar,
    of_undecided,
)
from samego.report.trackers.statuses import word, words
from samego.report.words import amount, upstream_name
from samego.system.terminal import visible
from samego.words import candidates, failures
from samego.words.findings import cause_of, where_of

NAME = "junit"
_PASS = "pass"  # noqa: S105 - a word of the format, no password
_BAR = "junit-upstream"


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case: its group and name, what became of it, and a text."""

    group: str
    name: str
    result: str
    message: str = ""
    text: str = ""


def render(given: Iterable[Checked | Undecided]) -> str:
    """The suites as one document."""
    root = ET.Element("testsuites", name="samego")
    for each in given:
        if isinstance(each, Undecided):
            name = visible(each.name)
            case = _Case(name, "it can be decided", "error", visible(of_undecided(each).text))
            _suite(root, name, [case])
        else:
            report = each.summary.report
            name = f"{each.name} against {upstream_name(report)}"
            _suite(root, name, list(_cases(each)), sum(report.timings.values()))
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(root: ET.Element, name: str, cases: Sequence[_Case], seconds: float = 0) -> None:
    results = [case.result for case in cases]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(results.count("failure")),
        errors=str(results.count("error")),
        skipped=str(results.count("skipped")),
        time=f"{seconds:.3f}",
    )
    for case in cases:
        element = ET.SubElement(suite, "testcase", classname=case.group, name=case.name)
        if case.result != _PASS:
            # The format has no message of what was skipped.
            message = {"message": case.message} if case.result != "skipped" else {}
            result = ET.SubElement(element, case.result, message)
            result.text = case.text or (None if message else case.message)


def _cases(checked: Checked) -> Iterator[_Case]:
    summary, subject = checked.summary, checked.name
    report, standings = summary.report, summary.standings
    upstream = f"{subject}.upstream"
    passes, fails = words(_BAR)["passes"], words(_BAR)["fails"]
    verified = passes if report.upstream.verified else fails
    if report.upstream.confirmed:
        yield _Case(upstream, "upstream's file is verified", verified, "it is not verified")
    else:
        built = "upstream's file was rebuilt here, and nobody confirms it"
        yield _Case(upstream, built, passes if confirmed_enough(report) else fails, built)
    yield _Case(upstream, f"{amount(report.identical, 'path')} identical", passes)
    for finding in summary.findings:
        fine = meets_bar(summary, finding)
        told = waived.leans(summary, finding)
        message = visible(f"{standings[finding.path].value}: {cause_of(finding)}")
        shown = () if fine and not told else _text(finding, summary)
        yield _Case(
            upstream,
            visible(finding.path),
            (words(_BAR)["waived"] if told else passes) if fine else fails,
            message,
            "\n".join([*([told, message] if told else []), *shown]),
        )
    yield _rebuild(report, f"{subject}.rebuild")


def _rebuild(report: Report, group: str) -> _Case:
    name = "a rebuild makes the packages"
    reproduction = report.reproduction
    message = headline(reproduction) if reproduction else "no rebuild was run"
    log = "\n".join(map(visible, reproduction.log)) if reproduction else ""
    return _Case(group, name, word(NAME, reproduction), visible(message), log)


def _text(finding: Finding, summary: Summary) -> Iterator[str]:
    standing = summary.standings[finding.path]
    if standing is not finding.standing:
        yield f"rests on what is {standing.value}: {visible(', '.join(finding.rests_on))}"
    if where := where_of(finding):
        yield from map(visible, where.split("\n"))
    for candidate in finding.candidates:
        yield f"may be: {visible(candidates.phrase(candidate))}"
    if finding.command:
        yield f"$ {visible(finding.command)}"
    for item in finding.consequences:
        yield f"{item.effect.value}: {visible(failures.sentence(item))}"
        yield f"$ {visible(summary.command_of(item))}"
