from __future__ import annotations

import io
import json as stdlib_json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samego.cli.main import main
from samego.cli.report import FORMATS
from samego.model.report import Report
from samego.report import json
from samego.report.summary import Summary
from support.builds import debian, rebuilt
from support.cli import the_error
from support.reports import sid, trixie

#: 2026-11-23 17:00 UTC
WHEN = 1795453200

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(report: Report, name: str = "r.json") -> str:
        file = tmp_path / name
        file.write_text(json.render(Summary(report)), "utf-8")
        os.utime(file, (WHEN, WHEN))
        return str(file)

    return to_file


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["report", *arguments]) == 0
    parsed: list[dict[str, Any]] = stdlib_json.loads(capsys.readouterr().out)
    return parsed


@pytest.mark.parametrize(
    "form", [form for form in FORMATS if form not in {"gorebuild", "arch-bug"}]
)
def test_every_format_writes_something(
    form: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", write(rebuilt(debian())), "--to", form, "--suite", "trixie"]) == 0
    out, err = capsys.readouterr()
    assert "golang-1.24" in out
    assert not err


def test_to_a_file(write: Write, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", write(sid()), "--to", "html", "-o", str(page)]) == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_several_reports_in_several_suites(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write(rebuilt(debian()), "a.json")
    two = write(rebuilt(debian("1.27.3-1")), "b.json")
    options = ["--to", "debian", "--suite", "trixie"]
    found = rows(capsys, one, two, *options, "--suite-of", two, "forky", "--suite-of", two, "sid")
    assert [(row["package"], row["suite"]) for row in found] == [
        ("golang-1.24", "trixie"),
        ("golang-1.27", "forky"),
        ("golang-1.27", "sid"),
    ]


@pytest.mark.parametrize(
    ("date", "built"),
    [
        ([], "2026-11-23 17:00:00"),
        (["--date", "2026-01-02T03:04:05Z"], "2026-01-02 03:04:05"),
        (["--date", "2026-01-02T03:04:05+02:00"], "2026-01-02 01:04:05"),
        (["--date", "@0"], "1970-01-01 00:00:00"),
    ],
)
def test_when_it_was_made(
    date: list[str], built: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    report = write(rebuilt(debian()))
    (row,) = rows(capsys, report, "--to", "debian", "--suite", "trixie", *date)
    assert row["build_date"] == built


def test_what_has_no_row_is_told(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", write(trixie()), "--to", "debian", "--suite", "trixie"]) == 0
    out, err = capsys.readouterr()
    assert out == "[]\n"
    assert err == "samego: no row for golang-1.24 1.24.4-1 trixie amd64: untested\n"


def test_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(json.render(Summary(trixie())).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert main(["report", "-", "--to", "junit"]) == 0
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - we wrote it
    assert root.tag == "testsuites"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "debian"], "no suite is named for"),
        (["--to", "debian", "--suite", "x", "--suite-of", "y", "z"], "--suite-of names y"),
        (["--to", "gorebuild"], "has schema samego.report/2"),
        (["--to", "nothing"], "is not one of"),
        (["--to", "debian", "--suite", "x", "--date", "yesterday"], "is not a date"),
        (["--to", "html", "-o", "/"], "is a directory"),
    ],
)
def test_what_cannot_be_meant(
    arguments: list[str], told: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", write(trixie()), *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert told in the_error(err)


def test_a_page_is_of_one_report(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", write(sid(), "a"), write(sid(), "b"), "--to", "html"]) == 2
    assert "html takes one report, not 2" in capsys.readouterr().err


def test_another_schema_version_is_refused(
    tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    data = stdlib_json.loads(Path(write(trixie())).read_text("utf-8"))
    file = tmp_path / "newer.json"
    file.write_text(stdlib_json.dumps({**data, "schema": "samego.report/3"}), "utf-8")
    assert main(["report", str(file), "--to", "debian", "--suite", "x"]) == 2
    err = capsys.readouterr().err
    assert "samego.report/3; this samego reads samego.report/2 and samego.report/1" in err


def test_a_distro_without_a_plugin(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    report = trixie()
    object.__setattr__(report.subject, "distro", "plan9")
    assert main(["report", write(report), "--to", "debian", "--suite", "x"]) == 2
    assert "no installed plugin knows the package names of 'plan9'" in capsys.readouterr().err
