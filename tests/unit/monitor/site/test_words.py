"""What a run comes to, in a word, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from samego.model.proof import Standing
from samego.model.report import Report
from samego.monitor.history.intake import run_of
from samego.monitor.history.order import natural
from samego.monitor.history.record import Run
from samego.monitor.site.words import bar_of, reason_of, status_of
from samego.report import json as as_json
from samego.report.summary import Summary
from support.builds import debian, rebuilt
from support.history_runs import FIPS, run
from support.reports import clean, sid, trixie

WHEN = datetime(2026, 11, 1, tzinfo=timezone.utc)


def recorded(report: Report) -> Run:
    return run_of(as_json.render(Summary(report)).encode(), WHEN, name="r.json")


@pytest.mark.parametrize("standing", list(Standing))
def test_the_word_is_the_verdicts_and_has_a_sign(standing: Standing) -> None:
    status = status_of(run("1", standing))
    assert status.word == standing.value
    assert status.sign == ("✓" if standing.passes else "?" if standing.rank == 3 else "✗")
    assert status.good is standing.passes
    assert status.needs_work is (standing is Standing.UNEXPLAINED)


def test_what_breaks_is_worst_whatever_explains_it() -> None:
    status = status_of(run("1", Standing.EXPLAINED, breaking=[FIPS]))
    assert status.word == "breaks"
    assert status.rank > status_of(run("1", Standing.UNEXPLAINED)).rank


def test_a_pass_that_is_none_does_not_look_like_one() -> None:
    status = status_of(replace(run("1"), passes=False))
    assert (status.word, status.good, status.needs_work) == (
        "explained, does not pass",
        False,
        True,
    )


def test_reasons_are_those_of_the_report_and_name_what_breaks() -> None:
    assert reason_of(recorded(trixie())) == "16 executables need a rebuild"
    zips = "lib/fips140/inprocess.zip, lib/fips140/v1.0.0-c2097c7c.zip and 1 more"
    assert reason_of(recorded(sid())) == (
        f"3 files fail checksums that this release checks ({zips});"
        " 1 path that nothing accounts for"
    )
    assert reason_of(recorded(clean())) == "40 differences, each proven"


def test_a_run_that_an_earlier_version_took_in_still_gives_a_reason() -> None:
    assert reason_of(run("1", Standing.UNEXPLAINED)) == "the verdict is unexplained"
    given = reason_of(run("1", breaking=[FIPS]))
    assert given == f"breaks what checks it ({FIPS}); the verdict is explained"


def test_what_a_rebuild_gave_is_said_too() -> None:
    assert reason_of(recorded(rebuilt(debian(), "golang-1.24-go"))).endswith(
        "; a rebuild makes other packages"
    )


@pytest.mark.parametrize(
    ("given", "bar"),
    [
        (run("1", breaking=[FIPS]), Standing.UNEXPLAINED),
        (run("1", Standing.UNEXPLAINED), Standing.UNPROVEN),
        (run("1", Standing.UNPROVEN), Standing.EXPLAINED),
        (run("1", Standing.IDENTICAL), Standing.EXPLAINED),
    ],
)
def test_the_bar_is_what_the_run_fell_below(given: Run, bar: Standing) -> None:
    assert bar_of(given) is bar


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["golang-1.10", "golang-1.9", "go"], key=natural) == [
        "go", "golang-1.9", "golang-1.10",
    ]  # fmt: skip
