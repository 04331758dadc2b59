"""Reports as JUnit XML, for continuous integration: one suite a report.

Format: the JUnit XML that Jenkins and GitLab read (testsuites, testsuite, testcase with
failure, error or skipped). Each difference is a test case of its own, all that is
identical one; whether a rebuild gives the packages is one more, in a class of its own: it
is another question.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report.reproduction import headline
from samego.report.summary import Summary
from samego.report.trackers.statuses import word, words
from samego.report.words import amount, subject_name, upstream_name
from samego.system.terminal import visible
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


def render(summaries: Iterable[Summary]) -> str:
    """The suites as one document."""
    root = ET.Element("testsuites", name="samego")
    for summary in summaries:
        _suite(root, summary)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(root: ET.Element, summary: Summary) -> None:
    report, cases = summary.report, list(_cases(summary))
    results = [case.result for case in cases]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"{subject_name(report)} against {upstream_name(report)}",
        tests=str(len(cases)),
        failures=str(results.count("failure")),
        errors=str(results.count("error")),
        skipped=str(results.count("skipped")),
        time=f"{sum(report.timings.values()):.3f}",
    )
    for case in cases:
        element = ET.SubElement(suite, "testcase", classname=case.group, name=case.name)
        if case.result != _PASS:
            result = ET.SubElement(element, case.result, message=case.message)
            result.text = case.text or None


def _cases(summary: Summary) -> Iterator[_Case]:
    report, standings = summary.report, summary.standings
    subject = subject_name(report)
    upstream = f"{subject}.upstream"
    passes, fails = words(_BAR)["passes"], words(_BAR)["fails"]
    verified = passes if report.upstream.verified else fails
    if report.upstream.confirmed:
        yield _Case(upstream, "upstream's file is verified", verified, "it is not verified")
    else:
        enough = report.required.rank >= Standing.EXPLAINED.rank
        built = "upstream's file was rebuilt here, and nobody confirms it"
        yield _Case(upstream, built, passes if enough else fails, built)
    yield _Case(upstream, f"{amount(report.identical, 'path')} identical", passes)
    patched = summary.running if report.unpatched else ()
    for finding in summary.findings:
        broken = [item for item in finding.consequences if _breaks(item)]
        fine = standings[finding.path].rank <= report.required.rank and not broken
        fine = fine and finding.path not in patched
        yield _Case(
            upstream,
            visible(finding.path),
            passes if fine else fails,
            visible(f"{standings[finding.path].value}: {cause_of(finding)}"),
            "" if fine else "\n".join(_text(finding, standings[finding.path])),
        )
    yield _rebuild(report, f"{subject}.rebuild")


def _rebuild(report: Report, group: str) -> _Case:
    name = "a rebuild makes the packages"
    reproduction = report.reproduction
    message = headline(reproduction) if reproduction else "no rebuild was run"
    log = "\n".join(map(visible, reproduction.log)) if reproduction else ""
    return _Case(group, name, word(NAME, reproduction), visible(message), log)


def _breaks(consequence: Consequence) -> bool:
    return consequence.effect is Effect.BREAKS and not consequence.waived


def _text(finding: Finding, standing: Standing) -> Iterator[str]:
    if standing is not finding.standing:
        yield f"rests on what is {standing.value}: {visible(', '.join(finding.rests_on))}"
    if where := where_of(finding):
        yield from map(visible, where.split("\n"))
    if finding.command:
        yield f"$ {visible(finding.command)}"
    for item in finding.consequences:
        yield f"{item.effect.value}: {visible(item.sentence)}"
        yield f"$ {visible(item.command)}"
