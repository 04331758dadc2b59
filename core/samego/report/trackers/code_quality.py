"""Reports as GitLab's code quality JSON: one list of the issues of all.

Format: GitLab's documentation, "Code Quality report format": description, check_name,
fingerprint, severity (info, minor, major, critical, blocker), location.path and
location.lines.begin. GitLab shows one issue of each fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from samego.report.trackers.issue_texts import issue_texts
from samego.report.trackers.issues import (
    Checked,
    Issue,
    Undecided,
    fingerprint,
    issues,
    of_undecided,
)
from samego.system.terminal import visible, visible_lines

NAME = "code-quality"


def render(given: Iterable[Checked | Undecided]) -> str:
    """All issues as one document."""
    found = [entry for each in given for entry in _entries(each)]
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def _entries(given: Checked | Undecided) -> Iterator[dict[str, object]]:
    if isinstance(given, Undecided):
        issue = of_undecided(given)
        digest = hashlib.sha256(f"{given.name}\0{issue.kind.value}".encode()).hexdigest()
        yield _entry(issue, visible(given.name), digest)
        return
    for issue in issues(given.summary):
        yield _entry(issue, given.name, fingerprint(given, issue))


def _entry(issue: Issue, name: str, digest: str) -> dict[str, object]:
    text = issue_texts()[issue.kind]
    details = [*(visible_lines(issue.where) if issue.where else ())]
    if issue.command:
        details.append(f"$ {visible(issue.command)}")
    body = "\n".join((f"{text.meaning} {text.remedy}", *details))
    return {
        "description": f"{name}: {visible(issue.text)}",
        "check_name": issue.kind.value,
        "fingerprint": digest,
        "severity": text.severity,
        "location": {
            "path": visible(issue.path) or name.lstrip("/"),
            "lines": {"begin": issue.line or 1},
        },
        "content": {"body": body},
    }
