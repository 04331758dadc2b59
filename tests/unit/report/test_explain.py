from __future__ import annotations

from dataclasses import replace

import pytest

from samego.compare.verdict import waive
from samego.errors import InputError
from samego.model.proof import Standing
from samego.model.report import NotCompared
from samego.report.explain import explain
from samego.report.summary import Summary
from support.reports import FIPS_ZIP, SETTINGS, sid, trixie


def test_everything_of_a_broken_pin() -> None:
    report = trixie()
    report = replace(report, findings=waive(report.findings, [FIPS_ZIP])[0])
    lines = explain(Summary(report), FIPS_ZIP).splitlines()
    assert lines[0] == "golang-1.24 1.24.4-1 amd64 against go1.24.4 linux-amd64"
    assert lines[2] == FIPS_ZIP
    labels = [line[2:14].strip() for line in lines[3:] if not line.startswith(" " * 14)]
    assert labels == [
        "standing",
        "side",
        "rule",
        "cause",
        "proof",
        "digest",
        "tools",
        "detail",
        "latent, waiv",
        "pinned in",
        "pinned",
        "actual",
        "show it",
    ]


def test_an_unproven_executable_says_what_it_rests_on_and_what_would_prove_it() -> None:
    text = explain(Summary(trixie()), "bin/go")
    assert f"  rests on     {SETTINGS} (explained)\n" in text
    assert "  where        section .text, first in internal/buildcfg.init\n" in text
    assert "  to raise it  samego check --rebuild golang-1.24-go_1.24.4-1_amd64.deb\n" in text


def test_the_effective_standing_is_told_where_it_is_worse() -> None:
    report = trixie()
    findings = tuple(
        replace(finding, standing=Standing.UNEXPLAINED) if finding.path == SETTINGS else finding
        for finding in report.findings
    )
    text = explain(Summary(replace(report, findings=findings)), "bin/go")
    assert "  effective    unexplained, because of what it rests on\n" in text
    assert f"  rests on     {SETTINGS} (unexplained)\n" in text


def test_a_root_cause_names_its_followers() -> None:
    text = " ".join(explain(Summary(trixie()), SETTINGS).split())
    assert "followed by bin/go, pkg/tool/linux_amd64/addr2line," in text
    assert text.endswith("and 6 more")


def test_a_diff_keeps_its_lines() -> None:
    lines = explain(Summary(sid()), "src/net/http/server.go").splitlines()
    at = lines.index("  where        line 2041:")
    assert lines[at + 1 : at + 3] == [
        "               -\tif !h2 {",
        "               +\tif h2 {",
    ]


@pytest.mark.parametrize("path", ["test/fixedbugs/bug1.go", "AUTHORS"])
def test_a_path_that_was_not_compared(path: str) -> None:
    report = replace(trixie(), not_compared=(NotCompared("AUTHORS", 1), NotCompared("test/", 3374)))
    assert explain(Summary(report), path).startswith(f"{path}: not compared. ")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("src/fmt/print.go", "name a path as the report spells it"),
        ("gofmt", "did you mean bin/gofmt?"),
        ("src/internal/buildcfg/zbootstrap.og", f"did you mean {SETTINGS}?"),
        ("tes", "name a path"),
        ("src/\x1b", "name a path"),
    ],
)
def test_a_path_that_the_report_does_not_name(path: str, hint: str) -> None:
    with pytest.raises(InputError, match="it is identical or does not exist") as caught:
        explain(Summary(trixie()), path)
    assert caught.value.hint.startswith(hint)
    assert str(caught.value).isprintable()


def test_a_path_may_be_named_as_it_lies_on_disk() -> None:
    summary = Summary(trixie())
    assert explain(summary, "/usr/lib/go-1.24/bin/go") == explain(summary, "bin/go")
    assert explain(summary, f"/usr/share/go-1.24/{SETTINGS}") == explain(summary, SETTINGS)
    with pytest.raises(InputError, match="no finding for bin/gone"):
        explain(summary, "/usr/lib/go-1.24/bin/gone")
    with pytest.raises(InputError, match="no finding for /opt/go"):
        explain(summary, "/opt/go")


@pytest.mark.parametrize(
    ("why", "package", "words"),
    [
        ("no counterpart", "", "No upstream copy of 2 paths in new/ was available"),
        ("package not given", "toy-doc", "toy-doc has 2 paths in new/ and was not given"),
        ("not unpacked", "", "The package manager is configured not to unpack 2 paths in new/"),
    ],
)
def test_why_a_path_was_not_compared(why: str, package: str, words: str) -> None:
    report = replace(trixie(), not_compared=(NotCompared("new/", 2, why, package),))
    assert words in explain(Summary(report), "new/x.html")
