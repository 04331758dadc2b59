from __future__ import annotations

from dataclasses import replace

import pytest

from samego.compare.where import locate
from samego.model.causes.differences import Unaccounted
from samego.model.finding import Finding, Side, unexplained
from samego.model.places.files import Lines
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report import json
from samego.report.headline import headline
from samego.report.lead import lead
from samego.report.load import loads
from samego.report.summary import Summary
from samego.report.text import render
from support.reports import clean, sid, trixie
from support.words import told, where_of

SOURCE = "src/cmd/compile/internal/inline/inl.go"
OLD = b"const (\n\tinlineMaxBudget = 80\n)\n"
CAUSE = "nothing accounts for this difference"


def source(new: bytes = OLD.replace(b"80", b"81"), path: str = SOURCE) -> Finding:
    return unexplained(path, Side.BOTH, "text", Unaccounted(), where=locate(new, OLD))


def referenced(path: str, *rests_on: str) -> Finding:
    return Finding(
        path,
        Standing.EXPLAINED,
        Side.BOTH,
        "elf",
        "witness_build",
        told("rebuilt"),
        rests_on=rests_on,
    )


def alarm(path: str, where: str = ".text differs") -> Finding:
    cause = "does not follow from the package's own sources and settings"
    return Finding(
        path,
        Standing.UNEXPLAINED,
        Side.BOTH,
        "elf",
        "witness_build",
        told(cause),
        where=told(where),
    )


def report(*findings: Finding) -> Report:
    return replace(clean(), findings=tuple(sorted(findings, key=lambda finding: finding.path)))


def test_executables_that_follow_from_a_changed_source_name_it_and_show_the_lines() -> None:
    found = report(source(), referenced("bin/go", SOURCE), referenced("pkg/tool/x/asm", SOURCE))
    first, second, third = render(Summary(found)).splitlines()[:3]
    assert first.endswith("(1 path that nothing accounts for, and 2 that rest on it)")
    assert second == (
        f"bin/go and 1 more executable follow from {SOURCE}, which nothing accounts for:"
        " read these 2 lines"
    )
    assert third == "  - inlineMaxBudget = 80 | + inlineMaxBudget = 81"


def test_one_line_and_one_executable() -> None:
    found = report(source(OLD + b"// more\n"), referenced("bin/go", SOURCE))
    assert lead(Summary(found)) == (
        f"bin/go follows from {SOURCE}, which nothing accounts for: read this line",
        "  + // more",
    )


def test_a_long_difference_is_counted_and_shown_in_one_line() -> None:
    found = report(source(OLD * 100), referenced("bin/go", SOURCE))
    sentence, shown = lead(Summary(found))
    assert sentence.endswith(": read these 297 lines")
    assert len(shown) <= 160
    assert shown.endswith(" ...")


def test_what_was_not_rebuilt_only_seems_to_follow() -> None:
    unproven = replace(referenced("bin/go", SOURCE), standing=Standing.UNPROVEN, rule="embedded")
    assert lead(Summary(report(source(), unproven)))[0].startswith("bin/go seems to follow from")
    two = replace(unproven, path="bin/gofmt")
    assert "1 more executable seem to follow" in lead(Summary(report(source(), unproven, two)))[0]


def test_the_cause_that_most_follows_from_comes_first() -> None:
    other = "src/runtime/proc.go"
    found = report(
        source(path=other),
        source(),
        referenced("bin/go", other, SOURCE),
        referenced("bin/gofmt", other),
    )
    sentence, _lines = lead(Summary(found))
    assert f"follow from {other}, which" in sentence
    assert sentence.endswith("(and 1 more root cause)")


def test_an_executable_that_does_not_follow_is_the_alarm() -> None:
    found = report(
        alarm("pkg/tool/x/link"),
        alarm("bin/go", "built with GOAMD64=v3, not v1; .text differs"),
        source(),
        referenced("bin/gofmt", SOURCE),
    )
    first, second, third = render(Summary(found)).splitlines()[:3]
    assert "(2 executables not built from the package's own sources; 1 path that nothing" in first
    assert second == (
        "ALARM: bin/go and 1 more executable do not follow from the package's own sources and"
        " settings"
    )
    assert third == "  bin/go: built with GOAMD64=v3, not v1; .text differs"
    assert lead(Summary(report(alarm("bin/go"))))[0].startswith("ALARM: bin/go does not follow")


def test_executables_that_nothing_accounts_for_without_a_rebuild() -> None:
    found = unexplained(
        "bin/go", Side.BOTH, "elf", Unaccounted(), where=told(".text differs at 0x401000")
    )
    assert lead(Summary(report(found))) == (
        "bin/go differs, and nothing in the package accounts for it",
        "  bin/go: .text differs at 0x401000",
    )
    missing = replace(
        found, side=Side.UPSTREAM, causes=told("the package lacks this file"), where=told("")
    )
    assert lead(Summary(report(missing))) == ()


@pytest.mark.parametrize("quiet", [clean(), trixie(), sid()], ids=["clean", "trixie", "sid"])
def test_there_is_none_where_no_executable_rests_on_what_is_unexplained(quiet: Report) -> None:
    assert lead(Summary(quiet)) == ()
    first = render(Summary(quiet)).splitlines()[1]
    # What breaks has a block of its own before all else.
    assert not first if Summary(quiet).breaking else first.startswith("Patches:  1 own patch")


def test_alarms_come_first_and_what_executables_are_made_from_is_shown_whole() -> None:
    long = OLD + b"".join(b"// %d\n" % n for n in range(9))
    found = report(
        source(long, "src/a.go"),
        source(long),
        referenced("bin/gofmt", SOURCE),
        alarm("pkg/tool/x/link"),
    )
    lines = render(Summary(found)).splitlines()
    at = lines.index("Unexplained, 3 paths that nothing accounts for:")
    assert lines[at + 1].startswith("  pkg/tool/x/link (elf): does not follow")
    assert "      +// 8" in lines
    assert lines.index("      +// 8") < lines.index(f"  src/a.go (text): {CAUSE}")
    assert "  resting on these (1): bin/gofmt" in lines
    assert "rests on it)" in headline(Summary(report(source(), referenced("bin/go", SOURCE))))


def test_nothing_in_a_path_or_a_line_reaches_the_terminal() -> None:
    path = "src/\x1b[2J.go"
    found = report(source(b"\x1b[2J\n", path), referenced("bin/\x1b", path))
    assert all(line.isprintable() for line in lead(Summary(found)))


def test_lines_are_told_of_a_report_that_was_written_and_read_again() -> None:
    found = report(source(), source(OLD * 100, "src/a.go"), referenced("bin/go", SOURCE))
    again = loads(json.render(Summary(found)).encode(), name="report")
    assert again.findings == found.findings
    assert lead(Summary(again)) == lead(Summary(found))


def test_a_report_of_an_earlier_version_shows_where_it_differs() -> None:
    earlier = replace(source(), where=told(where_of(source())))
    assert lead(Summary(report(earlier, referenced("bin/go", SOURCE)))) == (
        f"bin/go follows from {SOURCE}, which nothing accounts for",
        "  from line 2 on: 1 line, where upstream has 1 line",
    )


def test_a_line_without_end_takes_one_line() -> None:
    odd = replace(source(), where=(Lines(1, 1, 0, ("+" + "1 " * 500_000,)),))
    _first, second = lead(Summary(report(odd, referenced("bin/go", SOURCE))))
    assert len(second) < 200
