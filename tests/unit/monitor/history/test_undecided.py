"""Checks that could not be decided: kept once, shown until one is, and never a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from samego.model.asked import Asked, From
from samego.model.attempt import Attempt
from samego.monitor.history import waiting
from samego.monitor.history.record import Offer
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History
from samego.monitor.history.summing import counted
from samego.monitor.history.undecided import (
    UndecidedRun,
    keep_undecided,
    undecided_of,
    undecided_runs,
)
from samego.report.json import render
from samego.report.summary import Summary
from support import reports
from support.history_runs import run

NOW = moment(1_790_000_000)
ASKED = Asked(From.SUITE, (), "samego check debian:trixie/golang-1.24")
CAUSE = "no channel has go1.24.4 linux-amd64"


def attempt(asked: Asked = ASKED, cause: str = CAUSE) -> Attempt:
    return Attempt(reports.trixie().subject, asked, cause, 3.5)


def kept(**fields: str) -> UndecidedRun:
    made = undecided_of(attempt(), NOW)
    assert made is not None
    return replace(made, **fields)  # type: ignore[arg-type]


def test_it_is_of_the_source_package() -> None:
    found = kept()
    assert (found.package, found.version, found.architecture) == (
        "golang-1.24",
        "1.24.4-1",
        "amd64",
    )
    assert (found.release, found.target) == ("go1.24.4", "linux-amd64")
    assert (found.command, found.cause, found.seconds) == (ASKED.command, CAUSE, 3.5)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(From.FILES, (), ""),
        Asked(From.DIRECTORY, (), ""),
        Asked(From.SUITE, ("release",), ""),
        Asked(From.INSTALLED, ("target",), ""),
    ],
)
def test_an_experiment_is_not_kept(asked: Asked) -> None:
    assert undecided_of(attempt(asked), NOW) is None


def test_what_could_be_read_in_two_ways_is_shown_plainly() -> None:
    found = undecided_of(attempt(cause="no \x1b[31m channel"), NOW)
    assert found is not None
    assert "\x1b" not in found.cause


def test_the_last_one_is_kept(history: History) -> None:
    keep_undecided(history, kept())
    later = replace(kept(cause="the network is down"), when=NOW + timedelta(hours=1))
    keep_undecided(history, later)
    assert undecided_runs(history, RunFilter()) == [later]
    assert counted(history) == []


def test_a_check_that_counts_decides_it_whenever_it_was(history: History) -> None:
    keep_undecided(history, kept())
    keep_undecided(history, kept(architecture="arm64", target="linux-arm64"))
    data = render(Summary(reports.trixie())).encode()
    history.add_report(data, NOW - timedelta(days=9), name="r.json")
    wanted = RunFilter(since=NOW - timedelta(days=1))
    assert [each.architecture for each in undecided_runs(history, wanted)] == ["arm64"]


def test_a_check_that_does_not_count_decides_nothing(history: History) -> None:
    keep_undecided(history, kept())
    history.add(replace(run("1.24.4-1", package="golang-1.24"), experiment="--release"), b"")
    assert len(undecided_runs(history, RunFilter())) == 1


def test_the_filters_hold(history: History) -> None:
    keep_undecided(history, kept())
    keep_undecided(history, kept(package="golang-1.27", release="go1.27.3"))
    assert [each.package for each in undecided_runs(history, RunFilter(package="golang-1.27"))] == [
        "golang-1.27"
    ]
    assert undecided_runs(history, RunFilter(since=NOW + timedelta(seconds=1))) == []
    assert len(undecided_runs(history, RunFilter(release="go1.24.4"))) == 1


def test_what_the_watcher_could_not_check_is_among_them(history: History) -> None:
    spec = "debian:sid/golang-1.27:s390x"
    offer = Offer("debian", "sid", "golang-1.27", "1.27.3-1", "s390x", spec)
    with history.transaction():
        row = waiting.of_offer(offer, NOW)
        waiting.enqueue(history, [row])
    assert undecided_runs(history, RunFilter()) == []  # nobody has tried
    with history.transaction():
        waiting.put_off(history, row, "no channel has it", NOW)
    (found,) = undecided_runs(history, RunFilter(architecture="s390x"))
    assert (found.cause, found.seconds, found.command) == (
        "no channel has it",
        None,
        f"samego check {spec}",
    )
    assert undecided_runs(history, RunFilter(architecture="amd64")) == []
