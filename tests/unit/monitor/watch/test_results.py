"""What a run found, in the history with the news of it, or tried again later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from samego.errors import HistoryError
from samego.model.release import Release
from samego.model.report import Report
from samego.model.subject import Package
from samego.monitor.history import news, waiting
from samego.monitor.history.record import Offer, Waiting
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.watch.jobs import Where, of_release
from samego.monitor.watch.pool import EndedRun
from samego.monitor.watch.results import keep
from samego.report.json import render
from samego.report.summary import Summary
from support import rebuild_results, reports
from support.watch_docs import assert_documented

NOW = moment(1_790_000_000)
OFFER = Offer(
    "debian", "sid", "golang-1.27", "1.27.3-1", "amd64", "debian:sid/golang-1.27=1.27.3-1:amd64"
)


@pytest.fixture(autouse=True)
def documented(history: History) -> Iterator[None]:
    yield
    assert_documented(history)


@pytest.fixture
def row(history: History) -> Waiting:
    found = waiting.of_offer(OFFER, NOW)
    with history.transaction():
        waiting.enqueue(history, [found])
    return found


def ended(row: Waiting, data: bytes = b"", message: str = "") -> EndedRun[Waiting]:
    return EndedRun(row, 2 if message else 1, data, message)


def notified(history: History) -> list[tuple[str, str, bool]]:
    return [(item.kind.value, item.sentence, item.bad) for item in news.not_notified(history)]


def without(report: Report, *paths: str) -> Report:
    kept = [finding for finding in report.findings if finding.path not in paths]
    return replace(report, findings=tuple(kept))


def versioned(report: Report, version: str) -> Report:
    packages = tuple(
        Package(each.name, version, each.architecture, each.sha256)
        for each in report.subject.packages
    )
    return replace(report, subject=replace(report.subject, packages=packages))


def test_a_first_run_is_news_and_leaves_the_queue(history: History, row: Waiting) -> None:
    assert keep(history, ended(row, render(Summary(reports.sid())).encode()), NOW)
    (run,) = history.runs()
    assert history.waiting() == []
    assert notified(history) == [("checked", run.headline, False)]
    (item,) = news.not_notified(history)
    assert item.about == {
        "distro": "debian",
        "package": "golang-1.27",
        "version": "1.27.3-1",
        "architecture": "amd64",
        "release": "go1.27.3",
        "target": "linux-amd64",
        "verdict": "unexplained",
        "passes": False,
        "breaking": list(run.breaking),
        "report": run.digest,
        "spec": OFFER.spec,
    }
    assert waiting.unchecked(history, [OFFER]) == []


def test_what_got_worse_or_better_is_news_against_the_version_before(
    history: History, row: Waiting
) -> None:
    sid = reports.sid()
    bad = versioned(sid, "1.27.4-1")
    good = replace(sid, findings=())
    for hour, report in enumerate((good, bad, versioned(good, "1.27.5-1"))):
        data = render(Summary(report)).encode()
        keep(history, ended(row, data), NOW + timedelta(hours=hour))
    kinds = [(item.kind.value, item.bad) for item in news.since(history, 0)]
    assert kinds == [("worse", True), ("better", False), ("checked", False)]
    worse = news.since(history, 0)[0]
    assert worse.about["before"] == {"version": "1.27.3-1", "verdict": "identical"}
    assert worse.sentence.startswith(
        "golang-1.27 1.27.4-1 amd64: unexplained, 1.27.3-1 was identical; breaks lib/fips140/"
    )


def test_a_version_that_is_checked_again_is_held_against_itself(
    history: History, row: Waiting
) -> None:
    sid = reports.sid()
    good = replace(sid, findings=())
    for hour, report in enumerate((versioned(good, "1.27.2-1"), sid, sid)):
        timed = replace(report, timings={"reading": float(hour)})
        keep(history, ended(row, render(Summary(timed)).encode()), NOW + timedelta(hours=hour))
    kinds = [item.kind.value for item in news.since(history, 0)]
    assert kinds == ["worse", "checked", "checked"]  # the third run found nothing new
    keep(history, ended(row, render(Summary(good)).encode()), NOW + timedelta(hours=9))
    assert [item.kind.value for item in news.since(history, 3)] == ["better"]


def test_what_could_not_be_checked_is_news_once_and_waits(history: History, row: Waiting) -> None:
    assert not keep(history, ended(row, message="go.dev is \x1b gone"), NOW)
    (now,) = history.waiting()
    assert (now.tries, now.message) == (1, "go.dev is \\x1b gone")
    ((kind, sentence, bad),) = notified(history)
    assert (kind, bad) == ("waiting", False)
    assert sentence == f"{OFFER.spec} could not be checked: go.dev is \\x1b gone"
    keep(history, ended(now, message="still"), NOW)
    assert len(notified(history)) == 1
    assert history.waiting()[0].message == "still"


def test_a_report_that_is_none_waits_too(history: History, row: Waiting) -> None:
    assert not keep(history, ended(row, b"{}"), NOW)
    assert list(history.runs()) == []
    assert history.waiting()[0].message.startswith(OFFER.spec)


def test_all_of_it_is_written_or_nothing(
    history: History, row: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise HistoryError("the disk is gone", hint="")

    monkeypatch.setattr(waiting, "drop", fails)
    assert not keep(history, ended(row, render(Summary(reports.sid())).encode()), NOW)
    assert list(history.runs()) == []
    assert [kind for kind, _sentence, _bad in notified(history)] == ["waiting"]
    assert history.waiting()[0].message == "the disk is gone"
    monkeypatch.undo()
    assert keep(history, ended(history.waiting()[0], render(Summary(reports.sid())).encode()), NOW)
    assert len(list(history.runs())) == 1


@pytest.mark.parametrize("outcome", ["reproduced", "differs"])
def test_a_rebuild_is_news_by_its_verdict(history: History, outcome: str) -> None:
    result = rebuild_results.result(
        rebuild_results.target(
            "linux-amd64", rebuild_results.file("go1.24.4.linux-amd64.tar.gz", outcome)
        )
    )
    result["verdict"] = outcome
    release = of_release(Release.parse("go1.24.4"), Where.HERE, NOW)
    assert keep(history, ended(release, json.dumps(result).encode()), NOW)
    assert notified(history) == [
        ("rebuilt", f"go1.24.4 was rebuilt here: {outcome}", outcome == "differs")
    ]


def test_a_rebuild_that_failed_says_why_in_its_result(history: History) -> None:
    result = rebuild_results.result(rebuild_results.target("linux-arm64", error="no room"))
    release = of_release(Release.parse("go1.24.4"), Where.HERE, NOW)
    keep(history, ended(release, json.dumps(result).encode(), "said nothing"), NOW)
    (row,) = history.waiting()
    assert row.message == f"the rebuild says {result['verdict']}: no room"
    assert history.rebuilds() == []
