"""What goes into the history comes out again, once."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from samego.errors import HistoryError, ReportError
from samego.model.proof import Standing
from samego.model.report import Report
from samego.model.subject import Package
from samego.monitor.history.offers import current_offers, note_offer, place_report, replace_offers
from samego.monitor.history.record import Offer
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History, open_history
from samego.report import strict_json
from samego.report.json import render
from samego.report.reasons import Reason, ReasonKind
from samego.report.summary import Summary
from support import rebuild_results, reports

WHEN = moment(1_790_000_000)
TRIXIE = render(Summary(reports.trixie())).encode()
SID = render(Summary(reports.sid())).encode()


def add(history: History, data: bytes, hours: int = 0) -> bool:
    return history.add_report(data, WHEN + timedelta(hours=hours), name="r.json")


def test_a_run_is_kept_with_what_a_reader_asks_for(history: History) -> None:
    assert add(history, SID)
    (run,) = history.runs()
    assert run.line == ("debian", "golang-1.27", "amd64")
    assert (run.version, run.release, run.target) == ("1.27.3-1", "go1.27.3", "linux-amd64")
    assert (run.verdict, run.passes) == (Standing.UNEXPLAINED, False)
    assert run.breaking == tuple(
        f"lib/fips140/{name}" for name in ("inprocess.zip", "v1.0.0-c2097c7c.zip", "v1.26.0.zip")
    )
    assert run.counts["identical"] == 11995
    assert run.when == WHEN
    assert run.reasons == (
        Reason(ReasonKind.UNEXPLAINED, 1),
        Reason(ReasonKind.BREAKS, 3),
    )
    assert run.headline.startswith("golang-1.27 1.27.3-1 amd64 breaks 'GOFIPS140=")
    assert history.report(run.digest) == SID
    assert history.find(run.digest[:10]) == run.digest
    assert history.run(run.digest) == run


def test_the_same_bytes_are_one_run(history: History) -> None:
    assert [add(history, TRIXIE), add(history, TRIXIE, 1), add(history, SID)] == [True, False, True]
    assert len(list(history.runs())) == 2


@pytest.mark.parametrize("report", [reports.trixie(), reports.sid(), reports.clean()])
def test_a_report_in_hand_gives_the_row_that_its_json_gives(
    history: History, tmp_path: Path, report: Report
) -> None:
    data = render(Summary(report)).encode()
    assert [history.add_own(Summary(report), data, WHEN) for _ in range(2)] == [True, False]
    with open_history(tmp_path / "other") as other:
        assert add(other, data)
        assert list(history.runs()) == list(other.runs())
    (run,) = history.runs()
    assert history.report(run.digest) == data


def test_a_report_in_hand_is_not_read_again(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(data: bytes) -> object:
        raise AssertionError(len(data))

    monkeypatch.setattr(strict_json, "parse", parse)
    with pytest.raises(AssertionError):
        add(history, SID)
    assert history.add_own(Summary(reports.trixie()), TRIXIE, WHEN)


def test_what_somebody_handed_in_is_ours_once_it_is_in_hand(history: History) -> None:
    history.add_report(TRIXIE, WHEN, name="r.json", owner="eve")
    assert not list(history.runs())
    assert not history.add_own(Summary(reports.trixie()), TRIXIE, WHEN)
    assert len(list(history.runs())) == 1


def test_a_latent_consequence_is_none_that_breaks(history: History) -> None:
    add(history, TRIXIE)
    (run,) = history.runs()
    assert (run.breaking, run.latent) == ((), (reports.FIPS_ZIP,))


def test_what_has_no_packages_is_named_by_its_place(history: History) -> None:
    base = reports.trixie()
    data = render(Summary(replace(base, subject=replace(base.subject, packages=()))))
    add(history, data.encode())
    (run,) = history.runs()
    assert (run.package, run.version, run.architecture) == ("/usr/lib/go-1.24", "1.24.4", "amd64")


def test_packages_that_no_plugin_knows_keep_their_own_name(history: History) -> None:
    base = reports.trixie()
    packages = (Package("gopher", "3:1.24.4-r0", "x86_64", "0" * 64),)
    subject = replace(base.subject, distro="elsewhere", packages=packages)
    add(history, render(Summary(replace(base, subject=subject))).encode())
    (run,) = history.runs()
    assert (run.package, run.version, run.architecture) == ("gopher", "3:1.24.4-r0", "x86_64")


def test_a_rebuild_is_kept_file_by_file(history: History) -> None:
    result = rebuild_results.result(
        rebuild_results.target("linux-amd64", rebuild_results.file("a.zip")),
        rebuild_results.target("linux-arm64", error="no room"),
    )
    data = json.dumps(result).encode()
    assert [add(history, data), add(history, data)] == [True, False]
    (rebuild,) = history.rebuilds()
    assert (rebuild.release, rebuild.verdict, rebuild.when) == ("go1.24.4", "reproduced", WHEN)
    assert [(file.target, file.file, file.outcome) for file in rebuild.files] == [
        ("linux-amd64", "a.zip", "reproduced"),
        ("linux-arm64", "", "failed"),
    ]
    assert rebuild.files[1].cause == "no room"
    assert list(history.runs()) == []


def test_an_installer_which_is_not_built_is_kept_without_a_sum(history: History) -> None:
    installer = {
        **rebuild_results.file("go1.24.4.windows-amd64.msi", "equivalent"),
        "size": None,
        "sha256": None,
    }
    result = rebuild_results.result(rebuild_results.target("windows-amd64", installer))
    assert add(history, json.dumps(result).encode())
    (rebuild,) = history.rebuilds()
    assert [(file.outcome, file.sha256) for file in rebuild.files] == [("equivalent", "")]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"schema": "samego.report/2"}', b'{"schema": "samego.rebuild/1"}', b"\xff"],
    ids=["empty", "a list", "another schema", "half a rebuild", "no text"],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(history: History, data: bytes) -> None:
    with pytest.raises(ReportError, match=r"r\.json"):
        add(history, data)
    assert list(history.runs()) == []
    assert [path for path in history.directory.rglob("*") if path.suffix == ".zst"] == []


def test_a_filter_lets_through_what_it_says(history: History) -> None:
    add(history, TRIXIE)
    add(history, SID, 2)

    def found(**wanted: object) -> list[str]:
        return [run.package for run in history.runs(RunFilter(**wanted))]  # type: ignore[arg-type]  # any field

    assert found() == ["golang-1.24", "golang-1.27"]
    assert found(package="golang-1.24") == ["golang-1.24"]
    assert found(release="go1.27.3") == ["golang-1.27"]
    assert found(since=WHEN + timedelta(hours=1)) == ["golang-1.27"]
    assert found(architecture="arm64") == found(distro="arch") == found(version="1") == []


@pytest.mark.parametrize("beginning", ["ffffff", ""], ids=["none", "two"])
def test_a_digest_has_to_name_one_report(history: History, beginning: str) -> None:
    add(history, TRIXIE)
    add(history, SID)
    with pytest.raises(HistoryError, match=r"no report|2 reports"):
        history.find(beginning)


def test_a_report_that_was_changed_is_not_given_out(history: History) -> None:
    add(history, TRIXIE)
    (run,) = history.runs()
    (path,) = history.directory.rglob("*.zst")
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(HistoryError, match="is damaged"):
        history.report(run.digest)
    path.write_bytes(b"")
    with pytest.raises(HistoryError, match="is damaged"):
        history.report(run.digest)
    path.unlink()
    with pytest.raises(HistoryError, match="lacks the report"):
        history.report(run.digest)


def test_a_history_is_there_when_it_is_opened_again(directory: Path) -> None:
    with open_history(directory) as history:
        add(history, TRIXIE)
    with open_history(directory) as history:
        assert [run.package for run in history.runs()] == ["golang-1.24"]


def test_parts_of_killed_processes_are_removed_in_time(directory: Path) -> None:
    with open_history(directory):
        pass
    reports_ = directory / "reports"
    reports_.mkdir(exist_ok=True)
    fresh, old = reports_ / ".samego-fresh.part", reports_ / ".samego-old.part"
    for path in (fresh, old):
        path.write_bytes(b"")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    with open_history(directory) as history:
        add(history, TRIXIE)
    assert (fresh.exists(), old.exists()) == (True, False)


SUITE = [
    Offer("debian", "sid", "golang-1.27", version, "amd64", f"debian:sid/golang-1.27={version}")
    for version in ("1.27.2-1", "1.27.3-1")
]


def test_what_a_suite_holds_is_replaced_as_a_whole(history: History) -> None:
    with history.transaction():
        assert replace_offers(history, "debian", "sid", SUITE[:1], WHEN) == SUITE[:1]
    with history.transaction():
        assert replace_offers(history, "debian", "sid", SUITE[1:], WHEN) == SUITE[1:]
        assert replace_offers(history, "debian", "trixie", [], WHEN) == []
    assert current_offers(history) == SUITE[1:]
    with history.transaction():
        assert replace_offers(history, "debian", "sid", SUITE, WHEN) == SUITE[:1]
    assert current_offers(history) == SUITE


def test_a_report_placed_in_a_suite_replaces_older_ones_only(history: History) -> None:
    older = reports.sid()
    packages = tuple(replace(each, version="1.27.2-1") for each in older.subject.packages)
    old = render(
        Summary(replace(older, subject=replace(older.subject, packages=packages)))
    ).encode()
    for data in (old, SID, old):
        add(history, data)
        place_report(history, data, "sid")
    assert [(offer.suite, offer.version) for offer in current_offers(history)] == [
        ("sid", "1.27.3-1")
    ]


def test_what_fails_in_a_transaction_leaves_nothing(history: History) -> None:
    def fail() -> None:
        with history.transaction():
            note_offer(history, SUITE[0], WHEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert current_offers(history) == []
