"""``samego history`` as a user meets it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from samego.cli import history as cli_history
from samego.cli.main import main
from samego.cli.recording import record_undecided
from samego.config import Config, load_config
from samego.errors import ReportError
from samego.model.asked import Asked, From
from samego.model.attempt import Attempt
from samego.model.proof import Standing
from samego.model.release import Target
from samego.model.report import Report
from samego.monitor.history.offers import current_offers
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History, open_history
from samego.report.json import render
from samego.report.summary import Summary
from support import inputs_results, rebuild_results, reports
from support.history_runs import FIPS, run

WHEN = moment(1_790_000_000)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMEGO_HISTORY", str(tmp_path / "history"))
    monkeypatch.setenv("SAMEGO_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "history"


def fill(directory: Path) -> None:
    with open_history(directory) as history:
        for text in (
            render(Summary(reports.trixie())),
            render(Summary(reports.sid())),
            json.dumps(
                rebuild_results.result(
                    rebuild_results.target("linux-amd64", rebuild_results.file("a.zip"))
                )
            ),
        ):
            history.add_report(text.encode(), WHEN, name="r.json")


def add_runs(directory: Path, *versions: tuple[str, Standing, tuple[str, ...]]) -> None:
    with open_history(directory) as history:
        for hours, (version, verdict, breaking) in enumerate(versions):
            row = run(version, verdict, hours=hours, breaking=breaking)
            assert isinstance(history, History)
            assert history.add(row, b"")


def test_what_decides_the_bytes_has_a_line(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_history(directory) as history:
        for hours, result in enumerate((inputs_results.leaking(), inputs_results.good())):
            when = WHEN + timedelta(hours=hours)
            history.add_report(json.dumps(result).encode(), when, name="r.json")
    assert main(["history"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("go1.26.10  all of it  inputs: same bytes  20")
    assert main(["history", "--all"]) == 0
    both = capsys.readouterr().out.splitlines()
    assert [line.split("inputs: ")[1].split("  ")[0] for line in both] == ["same bytes", "differs"]
    assert main(["history", "--release", "go1.24.4", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["inputs"] == []


def test_no_test_writes_to_the_users_own_history() -> None:
    assert not Config().history_directory.is_relative_to(Path("~").expanduser())


def test_the_overview_has_a_line_for_each_package_and_rebuild(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    assert main(["history"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.split()[:5] == ["golang-1.24", "1.24.4-1", "amd64", "go1.24.4", "unproven"]
    assert "3 files broken" in second
    assert third.split()[:4] == ["go1.24.4", "linux-amd64", "1", "reproduced"]


def test_the_table_has_a_row_for_each_version_with_what_is_left(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    built = reports.trixie()
    built = replace(built, subject=replace(built.subject, target=Target("linux", "riscv64")))
    upstream = replace(built.upstream, channel="rebuild", confirmed=False)
    packages = tuple(
        replace(each, architecture="riscv64") if each.architecture == "amd64" else each
        for each in built.subject.packages
    )
    subject = replace(built.subject, packages=packages)
    with open_history(directory) as history:
        report = replace(built, upstream=upstream, subject=subject)
        history.add_report(render(Summary(report)).encode(), WHEN, name="r.json")
    assert main(["history", "--table"]) == 0
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| package | version | architecture |")
    assert set(rule) == set("|-")
    assert rows[0] == (
        "| golang-1.24 | 1.24.4-1 | amd64 | go1.24.4 linux-amd64 (module) | unproven, does not pass"
        " | 5 | 16 executables need a rebuild |"
    )
    assert "linux-riscv64 (rebuilt here, confirmed by nobody) | unproven" in rows[1]
    assert "fail checksums that this release checks |" in rows[2]
    assert main(["history", "--table", "--package", "golang-1.27", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["run"]["package"], row["upstream"]) == ("golang-1.27", "module")
    assert row["reasons"][0] == "1 path that nothing accounts for"


def test_a_report_that_cannot_be_read_keeps_its_row_in_the_table(
    directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(directory)

    def refuse(_data: bytes, *, name: str) -> Report:
        raise ReportError(f"{name} has another schema", hint="")

    monkeypatch.setattr(cli_history, "loads", refuse)
    assert main(["history", "--table", "--package", "golang-1.24"]) == 0
    *_, row = capsys.readouterr().out.splitlines()
    assert row == (
        "| golang-1.24 | 1.24.4-1 | amd64 | go1.24.4 linux-amd64 | unproven, does not pass"
        " | ? | 16 executables need a rebuild |"
    )


def test_of_rebuilds_only_what_each_bootstrap_gave_last_stands_in_the_overview(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, target = rebuild_results.file, rebuild_results.target
    installer = file("a.msi", "not_compared")
    results = (
        rebuild_results.result(target("linux-amd64", file("a.zip", "differs"))),
        rebuild_results.result(target("linux-arm64", error="no room")),
        rebuild_results.result(target("linux-amd64", installer, file("a.zip", letter="b"))),
        rebuild_results.result(target("linux-amd64", file("a.zip")), release="go1.9.7"),
        rebuild_results.result(target("linux-amd64", file("a.zip")), bootstrap="gccgo"),
    )
    with open_history(directory) as history:
        for number, result in enumerate(results):
            history.add_report(
                json.dumps(result).encode(), WHEN + timedelta(hours=number), name="r.json"
            )
    assert main(["history"]) == 0
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line.split(" 2026-")[0] for line in told] == [
        "go1.9.7 linux-amd64 1 reproduced",
        "go1.24.4 linux-amd64 1 reproduced",
        "go1.24.4 linux-amd64 1 reproduced, 1 not compared",
        "go1.24.4 linux-arm64 1 failed",
    ]
    assert [line.partition(" with ")[2] for line in told[1:3]] == [
        "gccgo's go1.22.6",
        "upstream's go1.22.6",
    ]
    assert main(["history", "--all"]) == 0
    assert "1 differs" in capsys.readouterr().out


def test_the_overview_as_json_has_the_same(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    assert main(["history", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [item["package"] for item in data["runs"]] == ["golang-1.24", "golang-1.27"]
    assert data["runs"][0]["when"] == "2026-09-21T14:13:20Z"
    assert data["runs"][0]["verdict"] == "unproven"
    assert data["rebuilds"][0]["files"][0]["file"] == "a.zip"
    assert data["waiting"] == []


def test_only_the_newest_version_stands_in_the_overview(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_runs(
        directory,
        ("1.27.10-1", Standing.EXPLAINED, ()),
        ("1.27.9-1", Standing.EXPLAINED, ()),
    )
    main(["history"])
    assert capsys.readouterr().out.split()[1] == "1.27.10-1"
    main(["history", "--all"])
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == [
        "1.27.9-1",
        "1.27.10-1",
    ]


def test_an_empty_history_says_where_it_looked(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history"]) == 0
    assert capsys.readouterr().out == f"no such result in {directory}\n"


def test_changes_and_the_fall_are_told(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_runs(
        directory,
        ("1.26.2-1", Standing.EXPLAINED, ()),
        ("1.26.10-1", Standing.EXPLAINED, (FIPS,)),
    )
    assert main(["history", "--changes"]) == 0
    assert capsys.readouterr().out == (
        f"2026-11-01 13:00  worse   golang-1.27 1.26.10-1 amd64: breaks {FIPS}\n"
    )
    assert main(["history", "--changes", "--since", "2026-11-02"]) == 0
    assert capsys.readouterr().out == "nothing got better or worse\n"
    assert main(["history", "--first-bad", "golang-1.27"]) == 1
    fell, before = capsys.readouterr().out.splitlines()
    assert fell.startswith(f"golang-1.27 amd64 fell at 1.26.10-1: explained, breaks {FIPS} (since ")
    assert before == "  before it: 1.26.2-1, explained"
    assert main(["history", "--first-bad", "golang-1.27", "--format", "json"]) == 1
    (fall,) = json.loads(capsys.readouterr().out)
    assert (fall["bad"]["version"], fall["good"]["version"]) == ("1.26.10-1", "1.26.2-1")


def test_what_could_not_be_decided_has_a_row_and_a_line(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    subject = reports.trixie().subject
    packages = tuple(replace(each, architecture="s390x") for each in subject.packages)
    subject = replace(subject, packages=packages, target=Target("linux", "s390x"))
    command = "samego check debian:trixie/golang-1.24:s390x"
    asked = Asked(From.SUITE, (), command)
    cause = "no channel has go1.24.4 linux-s390x"
    record_undecided(load_config(), Attempt(subject, asked, cause, 2.6))
    assert main(["history", "--table"]) == 0
    assert (
        "| golang-1.24 | 1.24.4-1 | s390x | go1.24.4 linux-s390x | could not decide | 3"
        f" | {cause} |\n"
    ) in capsys.readouterr().out
    assert main(["history", "--table", "--architecture", "s390x", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["undecided"]["command"] == command
    for words in (["history"], ["history", "--all"]):
        assert main(words) == 0
        out = capsys.readouterr().out
        assert "could not decide: golang-1.24 1.24.4-1 s390x 20" in out
        assert f": {cause}\n" in out
        assert main([*words, "--format", "json"]) == 0
        (item,) = json.loads(capsys.readouterr().out)["undecided"]
        assert (item["cause"], item["seconds"]) == (cause, 2.6)


def test_what_could_not_be_decided_is_not_kept_where_nothing_is(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEGO_RECORD", "0")
    asked = Asked(From.SUITE, (), "samego check debian:trixie/golang-1.24")
    record_undecided(load_config(), Attempt(reports.trixie().subject, asked, "no", 1.0))
    assert not directory.exists()


def test_no_fall_is_a_pass(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_runs(directory, ("1", Standing.EXPLAINED, ()))
    assert main(["history", "--first-bad", "golang-1.27"]) == 0
    assert capsys.readouterr().out == "no newest version of golang-1.27 is bad\n"


def test_a_package_without_runs_is_an_error(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    assert main(["history", "--first-bad", "golang-1.2"]) == 2
    assert "the history has no run of golang-1.2" in capsys.readouterr().err


def test_import_counts_and_names_what_is_no_report(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "a.json").write_text(render(Summary(reports.trixie())))
    assert main(["history", "import", str(spool), "--suite", "trixie"]) == 0
    assert main(["history", "import", str(spool)]) == 0
    (spool / "b.json").write_text("no")
    assert main(["history", "import", str(spool)]) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "1 report imported, 0 known",
        "0 reports imported, 1 known",
        "0 reports imported, 1 known",
    ]
    assert captured.err.count("\n") == 2
    assert "skipped: " in captured.err
    assert "b.json is not JSON" in captured.err
    with open_history(directory) as history:
        assert [offer.suite for offer in current_offers(history)] == ["trixie"]


def test_import_takes_the_spool_by_itself(
    directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SAMEGO_SPOOL", str(tmp_path))
    (tmp_path / "a.json").write_text(render(Summary(reports.trixie())))
    assert main(["history", "import"]) == 0
    assert capsys.readouterr().out == "1 report imported, 0 known\n"
    assert directory.is_dir()


def test_a_report_is_given_out_as_it_came(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(directory)
    with open_history(directory) as history:
        (digest,) = [row.digest for row in history.runs() if row.package == "golang-1.24"]
    assert main(["history", "show", digest[:12]]) == 0
    assert capsys.readouterr().out == render(Summary(reports.trixie()))
    assert main(["history", "show", "zz"]) == 2
    assert "no report" in capsys.readouterr().err


@pytest.mark.usefixtures("directory")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_others_handed_in_stands_apart_and_contradictions_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    ours, theirs = spool / "20261103T040506Z_a.json", spool / "20990101T000000Z_b.json"
    ours.write_text(render(Summary(reports.sid())))
    kind = replace(reports.sid(), findings=reports.clean().findings)
    theirs.write_text(render(Summary(kind)))
    os.chown(theirs, 54_321, 54_321)
    assert main(["history", "import", str(spool)]) == 0
    out, err = capsys.readouterr()
    assert out == "2 reports imported, 0 known\n"
    assert "not counted, because other users own the files: 1 of user 54321" in err
    assert main(["history"]) == 0
    contradicted, counted, heading, shown = capsys.readouterr().out.splitlines()
    assert contradicted.startswith("CONTRADICTED: golang-1.27 1.27.3-1 amd64: reports on the same")
    assert contradicted.index("unexplained") < contradicted.index("from user 54321")
    assert "unexplained" in counted
    assert heading == "submitted by other users, not counted:"
    assert shown.endswith("from user 54321")
    for question in (["--changes"], ["--first-bad", "golang-1.27"]):
        main(["history", *question])
        assert "54321" not in capsys.readouterr().out
    assert main(["history", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [len(each["runs"]) for each in data["contradictions"]] == [2]
    assert [run["owner"] for run in data["others"]] == ["user 54321"]
