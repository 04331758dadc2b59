from __future__ import annotations

from dataclasses import replace

import pytest

from samego.model.finding import Side, unexplained
from samego.model.proof import Standing
from samego.model.report import NotCompared, Report
from samego.model.subject import Package
from samego.model.value import Told
from samego.report.headline import headline
from samego.report.summary import Summary
from samego.report.text import render
from samego.report.words import columns
from support.reports import SETTINGS, broken_only, clean, sid, trixie, unverified, waived
from support.words import told

TRIXIE = "golang-1.24 1.24.4-1 amd64"
PATCHED = ", with 1 own patch: read it"
HEADLINES = {
    "unproven": (
        trixie(),
        (
            f"{TRIXIE} is not yet proven to be go1.24.4 linux-amd64: unproven, does not pass"
            " (16 executables need a rebuild)"
            f"{PATCHED}"
        ),
    ),
    "unexplained": (
        sid(),
        (
            "golang-1.27 1.27.3-1 amd64 breaks 'GOFIPS140=inprocess go build' and 2 more, and"
            " differs from go1.27.3 linux-amd64: unexplained, does not pass (1 path that nothing"
            " accounts for; 3 files fail checksums that this release checks)"
            f"{PATCHED}"
        ),
    ),
    "explained": (
        clean(),
        (
            f"{TRIXIE} is go1.24.4 linux-amd64: explained, passes (40 differences, each proven)"
            f"{PATCHED}"
        ),
    ),
    "explained, stricter": (
        replace(clean(), required=Standing.IDENTICAL),
        (
            f"{TRIXIE} is go1.24.4 linux-amd64: explained, does not pass"
            f" (40 differences, each proven){PATCHED}"
        ),
    ),
    "identical": (
        replace(clean(), findings=()),
        f"{TRIXIE} is go1.24.4 linux-amd64: identical, passes (10,702 paths, no difference)",
    ),
    "breaks": (
        broken_only(),
        (
            f"{TRIXIE} breaks 'GOFIPS140=inprocess go build' and 2 more, and is go1.24.4"
            " linux-amd64: explained, does not pass (3 files fail checksums that this release"
            " checks)"
        ),
    ),
    "waived": (
        waived(broken_only()),
        (
            f"{TRIXIE} is go1.24.4 linux-amd64: explained, passes with 3 waived"
            " (3 differences, each proven)"
        ),
    ),
    "unverified": (
        unverified(clean()),
        (
            f"{TRIXIE} is not yet proven to be go1.24.4 linux-amd64: unproven, does not pass"
            " (upstream's file is not verified)"
            f"{PATCHED}"
        ),
    ),
    "not compared": (
        replace(clean(), not_compared=(NotCompared("test/", 7),)),
        (
            f"{TRIXIE} is go1.24.4 linux-amd64: explained, passes"
            " (40 differences, each proven; 7 paths not compared)"
            f"{PATCHED}"
        ),
    ),
}


@pytest.mark.parametrize(("report", "line"), HEADLINES.values(), ids=HEADLINES.keys())
def test_the_first_line_is_the_verdict(report: Report, line: str) -> None:
    assert headline(Summary(report)) == line
    assert render(Summary(report)).splitlines()[0] == line
    assert render(Summary(report), verbose=True).splitlines()[0] == line


def test_trixie_in_two_minutes() -> None:
    text = render(Summary(trixie()))
    for line in (
        "  identical     10,702",
        (
            "  equivalent         7   stripped of its symbol table (6), rewritten by"
            " strip-nondeterminism (1)"
        ),
        "  unproven          16",
        "  unexplained        0",
        "  not compared   3,427",
        "          verified: h1 in the signed checksum database",
        "Note:     go.dev/dl does not answer: upstream's file comes from the module form",
        "  embeds build settings that differ from upstream's (GO386=softfloat) (16):",
        "Latent: nothing in this release acts on it, 1 file:",
        "To raise the verdict:",
        "  - prove the 16 executables",
    ):
        assert line in text.splitlines()
    assert "Unexplained" not in text


@pytest.mark.parametrize("report", [trixie(), clean(), waived(broken_only())])
def test_it_fits_a_screen(report: Report) -> None:
    lines = render(Summary(report)).splitlines()
    assert len(lines) <= 40
    # The verdict, URLs and commands stay whole.
    wrapped = [line for line in lines[1:] if not line.lstrip().startswith(("$", "Upstream:"))]
    assert max(map(len, wrapped)) <= 100


def test_the_longest_report_stays_readable() -> None:
    many = tuple(
        unexplained(
            f"src/{n:05}.go",
            Side.BOTH,
            "text",
            Told("nothing accounts for it"),
            where=told("a\n" * 50),
        )
        for n in range(5000)
    )
    report = sid()
    report = replace(report, findings=(*report.findings, *many), notes=("note",) * 50)
    lines = render(Summary(report)).splitlines()
    assert len(lines) <= 85
    assert "  ... and 4,997 more (--verbose shows all)" in lines
    assert "... and 46 more (--verbose shows all)" in lines


def test_what_is_unexplained_comes_first_and_says_where() -> None:
    lines = render(Summary(sid())).splitlines()
    at = lines.index("Unexplained, 1 path that nothing accounts for:")
    assert lines[at + 1] == (
        "  src/net/http/server.go (text): nothing accounts for this difference"
    )
    assert lines[at + 2] == "      line 2041:"
    assert lines[at + 3] == "      -\tif !h2 {"
    assert at < next(n for n, line in enumerate(lines) if line.startswith("Unproven"))


def test_a_proof_that_rests_on_an_unproven_path_says_so() -> None:
    report = trixie()
    findings = tuple(
        replace(finding, standing=Standing.UNPROVEN)
        if finding.path == SETTINGS
        else replace(finding, standing=Standing.EXPLAINED)
        if SETTINGS in finding.rests_on
        else finding
        for finding in report.findings
    )
    lines = render(Summary(replace(report, findings=findings))).splitlines()
    assert "  unproven          17" in lines
    at = lines.index("  proven, except what they rest on (16):")
    assert f"      rests on {SETTINGS} (unproven)" in lines[at : at + 4]


def test_what_breaks_is_told_once_with_its_command() -> None:
    lines = render(Summary(sid())).splitlines()
    at = lines.index("What breaks, 3 files:")
    assert at < next(n for n, line in enumerate(lines) if line.startswith("  identical"))
    assert "      the same for lib/fips140/v1.0.0-c2097c7c.zip, lib/fips140/v1.26.0.zip" in lines
    shows = [line for line in lines if "/usr/lib/go-1.27/bin/go build" in line]
    assert len(shows) == 1
    assert "GOFIPS140=inprocess" in shows[0]
    verbose = render(Summary(sid()), verbose=True)
    assert verbose.count("      $ cd ") == 3


def test_what_is_latent_is_not_under_what_breaks() -> None:
    text = render(Summary(trixie()))
    assert "What breaks" not in text
    assert "breaks" not in text.splitlines()[0]


def test_what_is_waived_is_told() -> None:
    assert "  waived: lib/fips140/inprocess.zip has SHA-256" in render(
        Summary(waived(broken_only()))
    )


def test_verbose_says_what_a_verification_rests_on() -> None:
    lines = render(Summary(trixie()), verbose=True).splitlines()
    assert f"          sha256 {trixie().upstream.sha256}" in lines
    assert (
        "          verified: h1 in the signed checksum database (sum.golang.org, record 38532769)"
        in lines
    )


def test_verbose_lists_every_finding() -> None:
    report = sid()
    lines = render(Summary(report), verbose=True).splitlines()
    for finding in report.findings:
        assert finding.path in lines
    assert "  tools        File::StripNondeterminism 1.15.1" in lines
    assert not any("more (--verbose" in line for line in lines)


def test_why_paths_were_not_compared() -> None:
    text = " ".join(render(Summary(trixie())).split())
    assert "upstream's module form leaves them out, and no source archive was available" in text
    with_source = replace(trixie().upstream, source=trixie().upstream)
    text = " ".join(render(Summary(replace(trixie(), upstream=with_source))).split())
    assert "module form leaves" not in text
    assert "no upstream copy is available" in text
    assert "Source: https" in text


def test_what_was_not_given_and_what_was_not_unpacked_are_told_apart() -> None:
    left = (
        NotCompared("doc/", 15, "not unpacked"),
        NotCompared("src/", 9, "package not given", "toy-src"),
    )
    text = " ".join(render(Summary(replace(clean(), not_compared=left))).split())
    assert "15 paths in doc/ (15): the package manager is configured not to unpack them." in text
    assert "9 paths in src/ (9): toy-src has them and was not given." in text


def test_an_unverified_upstream_stands_out() -> None:
    text = render(Summary(unverified(clean())))
    assert "NOT VERIFIED" in text
    assert "online and without --allow-unverified" in text


def test_control_characters_are_escaped() -> None:
    nasty = "src/\x1b[2J\u202egnp.\udcff\r\n.go"
    finding = unexplained(nasty, Side.DISTRO, "text", Told("cause\x07"), where=told("a\x1b\nb\x1b"))
    report = replace(sid(), findings=(finding,), notes=("no\x1bte",))
    for verbose in (False, True):
        text = render(Summary(report), verbose=verbose)
        assert all(line.replace("\t", "").isprintable() for line in text.split("\n"))
        assert r"src/\x1b[2J\u202egnp.\udcff\r\n.go" in text
        text.encode()


def test_colour_changes_nothing_but_colour() -> None:
    def paint(text: str, style: str) -> str:
        return f"<{style}>{text}</>"

    text = render(Summary(sid()), paint=paint)
    assert "<unexplained>unexplained</>, does not pass" in text
    assert "<breaks>What breaks</>, 3 files:" in text
    for style in ("pass", "identical", "equivalent", "explained", "unproven", "unexplained"):
        text = text.replace(f"<{style}>", "")
    assert text.replace("<breaks>", "").replace("</>", "") == render(Summary(sid()))
    assert "<pass>explained</>, passes" in render(Summary(clean()), paint=paint)


@pytest.mark.parametrize(
    ("packages", "name"),
    [
        ([("go", "2:1.26.8-1", "x86_64")], "go 2:1.26.8-1 x86_64"),
        ([("golang-1.24-go", "1-1", "amd64")], "golang-1.24-go 1-1 amd64"),
        (
            [("golang-1.24-go", "1-1+b2", "arm64"), ("golang-1.24-src", "1-1", "all")],
            "golang-1.24 1-1+b2/1-1 arm64",
        ),
        ([("go", "1", "all"), ("tools", "1", "all")], "go+ 1"),
        ([], "debian /usr/lib/go-1.24"),
    ],
    ids=["one", "one of three", "versions differ", "nothing in common", "a directory"],
)
def test_what_was_checked_has_a_short_name(packages: list[tuple[str, str, str]], name: str) -> None:
    report = clean()
    subject = replace(report.subject, packages=tuple(Package(*each, "") for each in packages))
    assert headline(Summary(replace(report, subject=subject))).startswith(f"{name} is go1.24.4")


def test_a_terminal_breaks_the_first_line_at_words_and_a_pipe_does_not() -> None:
    whole = render(Summary(sid())).splitlines()[0]
    for width in (60, 150, 1000):
        with columns(width):
            lines = render(Summary(sid())).splitlines()
            painted = render(Summary(sid()), paint=lambda text, style: f"<{style}>{text}</>")
        first = next(n for n in range(1, 9) if not lines[n].startswith("    "))
        assert " ".join(line.strip() for line in lines[:first]) == whole
        assert max(map(len, lines[:first])) <= width
        assert painted.count("<unexplained>unexplained</>, does not") == 1
