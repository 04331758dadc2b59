"""What is known, beside the runs in the database; and runs that were removed."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from samego.errors import HistoryError, InputError
from samego.model.asked import Asked, From
from samego.model.causes.differences import BytesOf
from samego.model.finding import Finding, Side, unexplained
from samego.model.proof import Standing
from samego.model.report import Report
from samego.monitor.history.changes import changes
from samego.monitor.history.forgetting import forget, forgotten
from samego.monitor.history.offers import place_report
from samego.monitor.history.record import Run
from samego.monitor.history.rows import RunFilter, moment
from samego.monitor.history.store import History, open_history
from samego.monitor.history.summing import counted, left_out, version_of
from samego.report.json import render
from samego.report.reasons import Reason, ReasonKind
from samego.report.summary import Summary
from support import reports

NOW = moment(1_790_000_000)
SUITE, FILES = Asked(From.SUITE), Asked(From.FILES)


def proven(report: Report) -> Report:
    """The same after a rebuild: every executable is explained."""

    def rebuilt(finding: Finding) -> Finding:
        if finding.standing is not Standing.UNPROVEN:
            return finding
        return reports.explained(finding.path, "reference_build", "built here")

    return replace(report, findings=tuple(map(rebuilt, report.findings)))


def add(history: History, report: Report, hours: int, asked: Asked = SUITE) -> Run:
    data = render(Summary(replace(report, asked=asked))).encode()
    history.add_report(data, NOW + timedelta(hours=hours), name="r.json")
    (run,) = [each for each in history.runs() if each.when == NOW + timedelta(hours=hours)]
    return run


def known(history: History) -> list[str]:
    return [run.verdict.value for run in counted(history)]


def test_a_poorer_run_is_no_change(history: History) -> None:
    poor = reports.trixie()
    add(history, poor, 0)
    best = add(history, proven(poor), 1)
    for hours in (2, 3):
        add(history, replace(poor, identical=poor.identical + hours), hours)
    assert known(history) == ["unproven", "explained", "explained", "explained"]
    (change,) = changes(counted(history))
    assert (change.after.digest, change.since) == (best.digest, best.when)
    assert {run.report for run in counted(history)[1:]} == {best.digest}
    assert [run.verdict.value for run in history.runs()] == ["unproven", "explained"] + [
        "unproven"
    ] * 2


def test_files_count_from_when_a_suite_is_known_to_hold_them(history: History) -> None:
    own = add(history, reports.trixie(), 0, FILES)
    assert known(history) == []
    assert list(left_out(history, version_of(own))) == [own.digest]
    place_report(history, history.report(own.digest), "trixie")
    assert known(history) == ["unproven"]


def test_other_bytes_of_a_version_are_a_row_of_their_own(history: History) -> None:
    report = proven(reports.trixie())
    add(history, report, 0)
    packages = tuple(replace(p, sha256=p.sha256[::-1]) for p in report.subject.packages)
    other = replace(reports.trixie(), subject=replace(report.subject, packages=packages))
    add(history, other, 1)
    assert known(history) == ["explained", "unproven"]
    (change,) = changes(counted(history))
    assert change.sentence.endswith("unproven, with other bytes it was explained")
    assert not change.again


def test_a_reader_who_may_not_write_gets_the_same(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = reports.trixie()
    for hours, report in enumerate((poor, proven(poor), replace(poor, notes=("x",)))):
        add(history, report, hours)

    def refuse(_self: History) -> NoReturn:
        raise HistoryError("read only", hint="none")

    with monkeypatch.context() as patch:
        patch.setattr(History, "transaction", refuse)
        assert known(history) == ["unproven", "explained", "explained"]
    wanted = RunFilter(package="golang-1.24", since=NOW + timedelta(hours=1))
    assert [run.verdict.value for run in counted(history, wanted)] == ["explained", "explained"]
    assert history.connection.execute("SELECT count(*) FROM unsummed").fetchone()[0] == 0


def test_what_an_earlier_version_took_in_is_read_again(history: History, directory: Path) -> None:
    poor = reports.trixie()
    for hours, report in enumerate((proven(poor), poor)):
        add(history, report, hours)
    with history.transaction():
        history.connection.execute("DELETE FROM evidence")
        history.connection.execute("DELETE FROM known")
        history.connection.execute("UPDATE run SET packages = '[]', bytes = '', origin = ''")
        for run in history.runs():
            history.sum_again(run)
    assert known(history) == ["explained", "explained"]
    with open_history(directory) as again:
        assert all(run.bytes and len(run.packages) == 3 for run in again.runs())


def test_a_run_is_forgotten_and_its_reason_stays(history: History) -> None:
    add(history, proven(reports.trixie()), 0)
    accused = replace(reports.trixie(), findings=(reports.embedding("bin/go"),))
    bad = add(history, accused, 1)
    data = history.report(bad.digest)
    with pytest.raises(InputError, match="needs a reason"):
        forget(history, bad.digest[:8], "  ", NOW)
    forget(history, bad.digest[:8], "the disk was full\n", NOW)
    assert len(known(history)) == 1
    (gone,) = forgotten(history)
    assert (gone.digest, gone.reason, gone.package) == (
        bad.digest,
        "the disk was full",
        "golang-1.24",
    )
    with pytest.raises(HistoryError):
        history.report(bad.digest)
    assert history.add_report(data, NOW, name="again") is False
    assert len(known(history)) == 1


def test_a_rebuild_is_not_forgotten(history: History) -> None:
    history.connection.execute(
        "INSERT INTO rebuild VALUES (1, 'abcdef', 1, 'go1.24.4', 'reproduced', '', '')"
    )
    with pytest.raises(InputError, match="is no check"):
        forget(history, "abc", "why not", NOW)
    with pytest.raises(sqlite3.IntegrityError):
        history.connection.execute("INSERT INTO evidence VALUES (99, x'00')")


def test_the_report_says_what_was_asked() -> None:
    overruled = replace(reports.trixie(), asked=Asked(From.SUITE, ("release",)))
    said = json.loads(render(Summary(overruled)))
    assert said["asked"] == {"from": "suite", "instead": ["release"]}


def test_the_other_release_that_files_are_of_is_kept(history: History) -> None:
    mixed = unexplained("src/a.go", Side.DISTRO, "text", BytesOf("go1.27.3"))
    add(history, replace(reports.trixie(), findings=(mixed,)), 0)
    (run,) = history.runs()
    assert run.reasons == (Reason(ReasonKind.OTHER_RELEASE, 1, release="go1.27.3"),)
