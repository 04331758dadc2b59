"""Reports from files and spools: each once, at the time at which it was made."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from samego.errors import InputError
from samego.monitor.history.importing import import_reports
from samego.monitor.history.offers import current_offers
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.report.json import render
from samego.report.reports_directory import keep
from samego.report.summary import Summary
from support import rebuild_results, reports


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    directory = tmp_path / "reports"
    keep(reports.trixie(), directory)
    keep(reports.sid(), directory)
    result = rebuild_results.result(rebuild_results.target("linux-amd64"))
    (directory / "20261103T040506Z_go.json").write_text(json.dumps(result))
    return directory


def test_a_spool_is_imported_once_however_often(history: History, spool: Path) -> None:
    found = [import_reports(history, [spool]) for _ in range(3)]
    assert [(each.new, each.known, each.refused) for each in found] == [
        (3, 0, ()),
        (0, 3, ()),
        (0, 3, ()),
    ]
    assert (len(list(history.runs())), len(history.rebuilds())) == (2, 1)


def test_the_time_is_that_of_the_name_else_of_the_file(history: History, tmp_path: Path) -> None:
    named = tmp_path / "20261103T040506Z_debian_golang.json"
    plain = tmp_path / "20269999T040506Z_plain.json"
    named.write_text(render(Summary(reports.trixie())))
    plain.write_text(render(Summary(reports.sid())))
    for path in (named, plain):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    import_reports(history, [named, plain])
    times = {run.package: run.when for run in history.runs()}
    assert times["golang-1.24"].isoformat() == "2026-11-03T04:05:06+00:00"
    assert times["golang-1.27"] == moment(1_700_000_000)


def test_what_is_no_report_is_named_and_the_rest_comes(history: History, spool: Path) -> None:
    (spool / "0-broken.json").write_text("{")
    (spool / ".being-written.json").write_text("{")
    (spool / "notes.txt").write_text("no report")
    result = import_reports(history, [spool])
    assert (result.new, len(result.refused)) == (3, 1)
    assert "0-broken.json is not JSON" in result.refused[0]


def test_a_place_that_is_not_there_is_an_error(history: History, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no"):
        import_reports(history, [tmp_path / "nowhere"])


def test_a_suite_holds_what_was_imported_for_it(history: History, spool: Path) -> None:
    import_reports(history, [spool], "sid")
    assert [(offer.suite, offer.package) for offer in current_offers(history)] == [
        ("sid", "golang-1.24"),
        ("sid", "golang-1.27"),
    ]
