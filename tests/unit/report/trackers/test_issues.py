from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from samego.compare.verdict import waive
from samego.model.finding import Finding, Side, proven, unexplained
from samego.model.places.files import Lines
from samego.model.proof import Proof, Standing
from samego.model.report import Report
from samego.model.reproduction import Reproduction
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers.issue_texts import issue_texts
from samego.report.trackers.issues import Checked, IssueKind, fingerprint, issues
from support.builds import FAILED, NO_TOOL, debian, rebuilt
from support.reports import clean, sid, spotless, trixie


def kinds(report: Report) -> dict[str, list[str]]:
    """The kinds of issues by path."""
    found: dict[str, list[str]] = {}
    for issue in issues(Summary(report)):
        found.setdefault(issue.path, []).append(issue.kind.value)
    return found


def differing(**given: object) -> Finding:
    """A text that nothing accounts for."""
    found = unexplained("src/a.go", Side.BOTH, "text", Told("it differs"))
    return replace(found, **given)  # type: ignore[arg-type]  # of a finding


def test_what_passes_is_no_issue() -> None:
    assert kinds(spotless()) == {}


def test_each_path_that_does_not_pass_is_one() -> None:
    report = trixie()
    summary = Summary(report)
    unproven = {f.path for f in report.findings if summary.standings[f.path] is Standing.UNPROVEN}
    found = kinds(report)
    assert found["usr/lib/go-1.24/bin/go"] == ["rebuild"]
    assert {path for path, kind in found.items() if kind == ["rebuild"]} == {
        f"usr/lib/go-1.24/{path}" for path in unproven
    }


def test_what_breaks_is_one_until_it_is_waived() -> None:
    report = sid()
    broken = {item.path for item in report.consequences}
    assert all(kinds(report)[f"usr/lib/go-1.27/{path}"] == ["breaks"] for path in broken)
    findings, _unused = waive(report.findings, broken)
    waived = kinds(replace(report, findings=findings))
    assert all("breaks" not in each for each in waived.values())


def test_a_higher_bar_makes_what_is_proven_one() -> None:
    report = replace(clean(), required=Standing.IDENTICAL)
    assert {kind for each in kinds(report).values() for kind in each} >= {"proven"}
    assert not Summary(report).passes


def test_a_report_has_issues_that_fail_it_exactly_when_it_does_not_pass() -> None:
    unverified = replace(clean(), upstream=replace(clean().upstream, verified=()))
    unconfirmed = replace(clean(), upstream=replace(clean().upstream, confirmed=False))
    for report in (
        *(clean(), trixie(), sid(), unverified, unconfirmed),
        replace(unconfirmed, required=Standing.EQUIVALENT),
        replace(clean(), findings=(differing(),)),
    ):
        summary = Summary(report)
        fails = [i for i in issues(summary) if i.kind is not IssueKind.LATENT]
        assert bool(fails) is not summary.passes


def test_a_line_is_told_where_a_text_differs_and_nowhere_else() -> None:
    lines = Lines(first=7, distro=1, upstream=1, diff=("-a", "+b"), hidden=0)
    (issue,) = issues(Summary(replace(clean(), findings=(differing(where=(lines,)),))))
    assert issue.line == 7
    packed = replace(lines, packed=True)
    (issue,) = issues(Summary(replace(clean(), findings=(differing(where=(packed,)),))))
    assert issue.line is None


def test_a_path_outside_goroot_is_where_the_package_has_it() -> None:
    found = kinds(replace(clean(), findings=(differing(path="/usr/share/doc/x"),)))
    assert found == {"usr/share/doc/x": ["unexplained"]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        (rebuilt(debian()).reproduction, []),
        (rebuilt(debian(), "golang-1.24-go").reproduction, ["reproduction"]),
        (FAILED, ["reproduction"]),
        (NO_TOOL, ["reproduction"]),
    ],
)
def test_a_rebuild_that_gives_other_packages_is_one(
    given: Reproduction | None, expected: list[str]
) -> None:
    report = replace(spotless(), reproduction=given)
    assert [each for found in kinds(report).values() for each in found] == expected


def test_what_a_rebuild_ran_is_told_and_no_command_to_copy() -> None:
    given = replace(FAILED, command=("rm", "-rf", "/"))
    (issue,) = issues(Summary(replace(spotless(), reproduction=given)))
    assert not issue.command
    assert issue.where.startswith("it was run as: rm -rf /")


def test_the_fingerprint_stays_while_the_issue_stays() -> None:
    def of(report: Report) -> str:
        (issue,) = issues(Summary(report))
        return fingerprint(Checked(Summary(report)), issue)

    report = replace(clean(), findings=(differing(),))
    subject = report.subject
    later = replace(
        subject,
        packages=tuple(replace(p, version="9-1", sha256="0" * 64) for p in subject.packages),
    )
    assert of(replace(report, subject=later)) == of(report)
    other_words = replace(report, findings=(differing(causes=(Told("other words"),)),))
    assert of(other_words) == of(report)
    proof = Proof("shebang", Standing.UNPROVEN, (Told("it fits"),))
    for other in (
        replace(report, findings=(differing(path="src/b.go"),)),
        replace(report, findings=(proven("src/a.go", Side.BOTH, "text", proof),)),
        replace(report, subject=replace(subject, target=replace(subject.target, goarch="arm64"))),
        replace(report, subject=replace(subject, distro="arch")),
    ):
        assert of(other) != of(report)


def test_fingerprints_of_one_report_are_all_different() -> None:
    for report in (trixie(), sid()):
        found = [fingerprint(Checked(Summary(report)), issue) for issue in issues(Summary(report))]
        assert len(set(found)) == len(found) > 10


def test_every_kind_has_its_texts() -> None:
    texts = issue_texts()
    assert texts.keys() == set(IssueKind)
    assert {text.level for text in texts.values()} == {"error", "warning", "note"}
    severities = {"info", "minor", "major", "critical", "blocker"}
    assert {text.severity for text in texts.values()} == severities


def test_the_page_has_the_same_texts() -> None:
    page = (Path(__file__).parents[4] / "docs/pipelines.md").read_text("utf-8")
    rows = [
        f"| `{kind.value}` | {text.level} | {text.severity} | {text.title}. {text.meaning}"
        f" | {text.remedy} |"
        for kind, text in issue_texts().items()
    ]
    assert "\n".join(rows) in page
