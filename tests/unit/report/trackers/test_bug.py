from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from samego.errors import InputError
from samego.model.asked import Asked, From
from samego.model.finding import Side, unexplained
from samego.model.report import Report
from samego.model.subject import Package
from samego.model.value import Told
from samego.report.summary import Summary
from samego.report.trackers.bug import render_arch, render_debian
from samego.rules import nondeterminism_stripped, reference_build
from support.reports import broken_only, clean, digest, sid, trixie
from support.words import told

TITLE = (
    "'GOFIPS140=inprocess go build' fails: lib/fips140/inprocess.zip is not the file that is pinned"
)
ASKED = Asked(From.SUITE, (), "samego check debian:sid/golang-1.27")
ODD = unexplained("src/a.go", Side.BOTH, "text", Told("nothing"), where=told("line 1:\n-a\n+b"))


def debian(report: Report) -> str:
    return render_debian(Summary(replace(report, asked=ASKED)))


def arch(report: Report) -> Report:
    package = Package("go", "2:1.27.3-1", "x86_64", digest("go"))
    subject = replace(report.subject, distro="arch", packages=(package,), goroot="usr/lib/go")
    return replace(report, subject=subject, asked=ASKED)


def test_a_mail_to_debian_has_what_its_bug_tracker_reads() -> None:
    text = debian(sid())
    head, pseudo, body = text.split("\n\n", 2)
    assert head.splitlines() == [
        "To: submit@bugs.debian.org",
        f"Subject: golang-1.27: {TITLE}",
    ]
    assert pseudo.splitlines() == [
        "Package: src:golang-1.27",
        "Version: 1.27.3-1",
        "Severity: important",
    ]
    assert "/usr/lib/go-1.27/bin/go build main.go" in body
    assert "src/net/http/server.go" in body
    assert "    samego check debian:sid/golang-1.27" in body
    for package in sid().subject.packages:
        assert package.sha256 in body
    assert sid().upstream.sha256 in body
    # Commands, digests and URLs stay whole; what is written is made for a mail.
    wide = [line for line in body.splitlines() if len(line) > 72 and not line.startswith(" ")]
    assert all(re.search(r"\S{40}", line) for line in wide)


def test_it_says_what_would_mend_it() -> None:
    report = broken_only()
    findings = tuple(replace(each, rule=nondeterminism_stripped.NAME) for each in report.findings)
    mended = "dh_strip_nondeterminism --exclude=lib/fips140/"
    assert mended in " ".join(debian(replace(report, findings=findings)).split())


@pytest.mark.parametrize(
    ("report", "severity", "title"),
    [
        (broken_only(), "important", "'GOFIPS140=inprocess go build' fails"),
        (replace(clean(), findings=(ODD,)), "normal", "src/a.go differs from upstream's go1.24.4"),
        (
            replace(clean(), findings=(replace(ODD, rule=reference_build.NAME), ODD)),
            "serious",
            "src/a.go and 1 more path differ from upstream's",
        ),
        (clean(), "minor", "lib/fips140/v1.0.0.zip is not the file that lib/fips140/fips140.sum"),
    ],
)
def test_the_severity_is_proposed_for_the_worst(report: Report, severity: str, title: str) -> None:
    text = debian(report)
    assert f"\nSeverity: {severity}\n" in text
    assert title in text


def test_an_issue_for_arch_has_the_sections_of_its_template() -> None:
    text = render_arch(Summary(arch(sid())))
    assert text.startswith(f"# Title: {TITLE}\n\n### Description:\n")
    sections = [line for line in text.splitlines() if line.startswith("### ")]
    assert sections == ["### Description:", "### Additional info:", "### Steps to reproduce:"]
    info = text.partition("### Additional info:")[2].partition("### Steps to reproduce:")[0]
    assert [line.partition(":")[0] for line in info.splitlines() if line.startswith("*")] == [
        "* package version(s)",
        "* config and/or log files",
        "* link to upstream bug report, if any",
    ]
    assert "* package version(s): 2:1.27.3-1\n" in text
    assert digest("go") in info
    assert "    cd " in text.partition("### Steps to reproduce:")[2]
    assert "/usr/lib/go/bin/go build" in text
    assert "dh_strip" not in text


@pytest.mark.parametrize("render", [render_debian, render_arch])
def test_the_other_distros_report_is_refused(render: Callable[[Summary], str]) -> None:
    wrong = arch(sid()) if render is render_debian else sid()
    with pytest.raises(InputError, match="this report is on"):
        render(Summary(wrong))


def test_nothing_to_report_is_no_bug() -> None:
    report = trixie()
    bare = replace(report, findings=tuple(replace(f, consequences=()) for f in report.findings))
    with pytest.raises(InputError, match="is unproven, and nothing is known to be wrong"):
        debian(bare)


def test_text_of_a_package_stays_text() -> None:
    nasty = unexplained("src/\x1b[2J.go", Side.BOTH, "text", Told("\x1b"), where=told("\x1b"))
    report = replace(clean(), findings=(nasty,))
    for text in (debian(report), render_arch(Summary(arch(report)))):
        assert all(line.isprintable() for line in text.split("\n"))
