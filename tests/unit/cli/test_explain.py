from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from samego.cli.main import main
from samego.report import json, text
from samego.report.summary import Summary
from support.cli import the_error
from support.reports import trixie


@pytest.fixture
def report(tmp_path: Path) -> str:
    file = tmp_path / "report.json"
    file.write_text(json.render(Summary(trixie())), "utf-8")
    return str(file)


def test_a_finding(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", report, "bin/go"]) == 0
    out, err = capsys.readouterr()
    assert "  standing     unproven" in out
    assert not err


def test_without_a_path_the_report_is_shown(
    report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", report]) == 0
    assert capsys.readouterr().out == text.render(Summary(trixie()))


def test_a_path_that_was_not_compared(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", report, "test/a.go"]) == 0
    assert capsys.readouterr().out.startswith("test/a.go: not compared.")


def test_an_unknown_path(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", report, "gofmt"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert the_error(err) == (
        "the report has no finding for gofmt: it is identical or does not exist:"
        " did you mean bin/gofmt?"
    )


def test_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(json.render(Summary(trixie())).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert main(["explain", "-", "bin/go"]) == 0
    assert "bin/go" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"schema": "samego.report/9"}'])
def test_what_is_no_report(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r"
    if content is not None:
        file.write_bytes(content)
    assert main(["explain", str(file), "bin/go"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert the_error(err).startswith(f"{file} ")
