from __future__ import annotations

from dataclasses import replace

import pytest

from samego.errors import ReportError
from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Trace, Tried
from samego.model.causes.differences import Unaccounted
from samego.model.finding import Finding, Side, combined, unexplained
from samego.model.report import Report
from samego.report import html, json
from samego.report.explain import explain
from samego.report.load import loads
from samego.report.steps import next_steps
from samego.report.summary import Summary
from samego.report.text import render
from samego.report.trackers import junit
from samego.report.trackers.issues import Checked
from samego.words.candidates import phrase
from support.reports import clean

COMMAND = "samego check --rebuild go.deb"
V3 = Candidate(
    "GOAMD64",
    Strength.STATED,
    (Setting(SettingKind.ENVIRONMENT, "GOAMD64", "v3"),),
    (Trace("key:GOAMD64", "v3", "v1"),),
    replayable=True,
)
NO_TRIMPATH = Candidate(
    "-trimpath",
    Strength.STATED,
    (
        Setting(SettingKind.FLAG, "-trimpath", None),
        Setting(SettingKind.GOROOT, "GOROOT", "/usr/lib/go\x1b[2J"),
    ),
    (Trace("key:-trimpath", "", "true"),),
    replayable=True,
)


def guessed(*candidates: Candidate, command: str = COMMAND) -> Finding:
    finding = unexplained("bin/go", Side.BOTH, "elf", Unaccounted())
    return replace(finding, candidates=candidates, command=command)


def report(*findings: Finding) -> Report:
    return replace(clean(), findings=findings)


def test_candidates_are_read_back_as_they_were_written() -> None:
    written = report(guessed(V3, replace(NO_TRIMPATH, tried=Tried.OTHER)))
    text = json.render(Summary(written))
    assert loads(text.encode(), name="it") == written


def test_a_finding_without_candidates_says_nothing_of_them() -> None:
    assert '"candidates"' not in json.render(Summary(report(guessed(command=""))))


def test_a_candidate_of_an_unknown_kind_is_refused() -> None:
    text = json.render(Summary(report(guessed(V3))))
    for old, new in (('"stated"', '"sworn"'), ('"environment"', '"magic"'), ('"not tried"', '"x"')):
        with pytest.raises(ReportError):
            loads(text.replace(old, new).encode(), name="it")


def test_candidates_change_no_verdict_and_no_count() -> None:
    with_them, without = (Summary(report(guessed(*found))) for found in ((V3, NO_TRIMPATH), ()))
    assert with_them.verdict is without.verdict
    assert with_them.passes is without.passes
    assert with_them.counts == without.counts
    assert with_them.standings == without.standings


def test_the_report_says_what_it_may_be_and_how_to_prove_it() -> None:
    summary = Summary(report(guessed(V3, NO_TRIMPATH)))
    text = render(summary)
    assert "may be: GOAMD64=v3 (it says so itself); no -trimpath, built in /usr/lib/go" in text
    assert f"try what may have made bin/go another\n    $ {COMMAND}" in text
    assert "\x1b" not in text
    assert "may be       GOAMD64=v3 (it says so itself)" in explain(summary, "bin/go")


def test_where_nothing_can_be_tried_no_command_is_named() -> None:
    steps = next_steps(Summary(report(guessed(V3, command=""))))
    assert not [what for what, _command in steps if what.startswith("try ")]


def test_two_differences_of_one_path_keep_its_candidates() -> None:
    mode = unexplained("bin/go", Side.BOTH, "mode", Unaccounted())
    assert combined(guessed(V3), mode).candidates == (V3,)
    assert combined(mode, guessed(V3)).candidates == (V3,)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([(SettingKind.ENVIRONMENT, "GOEXPERIMENT", None)], "GOEXPERIMENT not set"),
        ([(SettingKind.FLAG, "-gcflags", "all=-N -l")], "-gcflags=all=-N -l"),
        ([(SettingKind.FLAG, "-race", "true")], "-race"),
        ([(SettingKind.LINKER, "-s", "true")], "-ldflags=-s"),
        ([(SettingKind.LINKER, "-w", None)], "-ldflags without -w"),
        ([(SettingKind.LINKER, "-buildid", "")], "-ldflags=-buildid="),
        ([(SettingKind.LINKER, "-X", "?")], "-ldflags=-X=..."),
        ([(SettingKind.VERSION, "VERSION", "go1.24-x")], "a VERSION file that says go1.24-x"),
        ([(SettingKind.GOROOT, "GOROOT", "")], "built in a directory that it does not name"),
        ([(SettingKind.OUTSIDE, "strip", "")], "strip"),
    ],
)
def test_a_setting_in_words(
    settings: list[tuple[SettingKind, str, str | None]], words: str
) -> None:
    given = tuple(Setting(*each) for each in settings)
    assert phrase(replace(V3, settings=given)) == f"{words} (it says so itself)"


def test_what_came_of_trying_is_told() -> None:
    assert "a build here gives it" in phrase(replace(V3, tried=Tried.GIVES))
    assert "no build here with it gives it" in phrase(replace(V3, tried=Tried.OTHER))
    assert "no build here can set it" in phrase(replace(V3, replayable=False))


def test_pages_and_trackers_name_the_guesses_and_hide_nothing_in_them() -> None:
    summary = Summary(report(guessed(V3, NO_TRIMPATH)))
    page = html.render(summary)
    assert "GOAMD64=v3 (it says so itself)" in page
    assert "To try it" in page
    assert "may be: GOAMD64=v3 (it says so itself)" in junit.render([Checked(summary)])
    assert "\x1b" not in page + junit.render([Checked(summary)])
    assert f"to try it    {COMMAND}" in explain(summary, "bin/go")
