"""Reports as SARIF, for code scanning: one run a report.

Format: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, as far as GitHub
reads it (its "SARIF support for code scanning"): each result has a place, a rule with help and a
fingerprint that stays, and each run a category of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from samego.report.trackers.issue_texts import issue_texts
from samego.report.trackers.issues import (
    Checked,
    Issue,
    IssueKind,
    Undecided,
    fingerprint,
    issues,
    of_undecided,
)
from samego.report.words import subject_name, upstream_name
from samego.system.terminal import visible, visible_lines

NAME = "sarif"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
VERSION = "2.1.0"
#: Where a result is of no file: GitHub takes none without a place.
_NOWHERE = "samego"


def render(given: Iterable[Checked | Undecided]) -> str:
    """The runs as one document."""
    runs = [_run(each) if isinstance(each, Checked) else _undecided(each) for each in given]
    document = {"$schema": SCHEMA, "version": VERSION, "runs": runs}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _run(checked: Checked) -> dict[str, object]:
    summary, report = checked.summary, checked.summary.report
    found = issues(summary)
    kinds = _kinds(found)
    category = (checked.place, report.subject.distro, subject_name(report).split()[0])
    return {
        "tool": _tool(kinds, report.version),
        "automationDetails": {
            "id": _category(*category, str(report.subject.target)),
            "description": {"text": f"{checked.name} against {upstream_name(report)}"},
        },
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(checked, issue, kinds) for issue in found],
        "properties": {
            "verdict": summary.verdict.value,
            "passes": summary.passes,
            "counts": dict(summary.counts),
        },
    }


def _undecided(undecided: Undecided) -> dict[str, object]:
    issue = of_undecided(undecided)
    return {
        "tool": _tool([issue.kind], ""),
        "automationDetails": {"id": _category(undecided.name)},
        "invocations": [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": visible(issue.text)}}
                ],
            }
        ],
        "results": [
            {
                "ruleId": issue.kind.value,
                "ruleIndex": 0,
                "level": issue_texts()[issue.kind].level,
                "message": {"text": visible(f"{undecided.name}: {issue.text}")},
                "locations": [_location(issue)],
            }
        ],
    }


def _category(*parts: str) -> str:
    """What tells the results of one run from those of others; a slash ends it."""
    return "".join(f"{quote(part, safe='')}/" for part in ("samego", *parts) if part)


def _kinds(found: Sequence[Issue]) -> list[IssueKind]:
    """The kinds that occur, the worst first."""
    there = {issue.kind for issue in found}
    return [kind for kind in IssueKind if kind in there]


def _tool(kinds: Sequence[IssueKind], version: str) -> dict[str, object]:
    driver: dict[str, object] = {"name": "samego", "rules": [_rule(kind) for kind in kinds]}
    if version:
        driver["version"] = version
    return {"driver": driver}


def _rule(kind: IssueKind) -> dict[str, object]:
    text = issue_texts()[kind]
    return {
        "id": kind.value,
        "shortDescription": {"text": text.title},
        "fullDescription": {"text": text.meaning},
        "help": {
            "text": f"{text.meaning} {text.remedy}",
            "markdown": f"{text.meaning}\n\n**What to do:** {text.remedy}",
        },
        "defaultConfiguration": {"level": text.level},
    }


def _result(checked: Checked, issue: Issue, kinds: Sequence[IssueKind]) -> dict[str, object]:
    digest = fingerprint(checked, issue)
    message = [visible(issue.text), *(visible_lines(issue.where) if issue.where else ())]
    if issue.command:
        message.append(f"$ {visible(issue.command)}")
    properties: dict[str, object] = {}
    if issue.finding is not None:
        properties = {"path": visible(issue.finding.path), "kind": visible(issue.finding.kind)}
        properties |= {"rule": visible(issue.finding.rule)} if issue.finding.rule else {}
        properties |= {"reach": issue.finding.reach.what.value} if issue.finding.reach else {}
    return {
        "ruleId": issue.kind.value,
        "ruleIndex": kinds.index(issue.kind),
        "level": issue_texts()[issue.kind].level,
        "message": {"text": "\n".join(message)},
        "locations": [_location(issue)],
        # The name that GitHub looks for, though it is of no line.
        "partialFingerprints": {"primaryLocationLineHash": digest},
        **({"properties": properties} if properties else {}),
    }


def _location(issue: Issue) -> dict[str, object]:
    uri = quote(issue.path or _NOWHERE, errors="surrogateescape")
    place: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if issue.line is not None:
        place["region"] = {"startLine": issue.line}
    return {"physicalLocation": place}
