from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from samego.cli.output import check_destination, deliver, format_report
from samego.errors import InputError
from samego.report import html, json, markdown, text
from samego.report.summary import Summary
from samego.report.trackers import code_quality, junit, sarif
from samego.report.trackers.issues import Checked
from support.reports import sid, trixie


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    deliver("one\n", file)
    deliver("two ü\n", file)
    assert file.read_text("utf-8") == "two ü\n"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_the_file_has_the_usual_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        deliver("x", tmp_path / "r")
    finally:
        os.umask(mask)
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "r"
    file.write_text("before", "utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        deliver("after", file)
    assert file.read_text("utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["r"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to("real/r")
    deliver("x", link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "r").read_text("utf-8") == "x"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text("utf-8")))
    reader.start()
    deliver("through", pipe)
    reader.join(10)
    assert received == ["through"]
    assert pipe.is_fifo()


def test_a_device_is_not_replaced() -> None:
    deliver("nothing", Path(os.devnull))
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("name", ["", "none/r", "file/r"])
def test_a_destination_that_cannot_be_is_refused_before_the_work(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"is a directory|cannot be written"):
        check_destination(tmp_path / name)


def test_a_destination_that_can_be_is_accepted(tmp_path: Path) -> None:
    check_destination(None)
    check_destination(tmp_path / "new")
    check_destination(Path(os.devnull))


def test_what_stdout_cannot_spell_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    deliver("größe\n", None)
    assert raw.getvalue() == b"gr\\xf6\\xdfe\n"


def test_each_format(tmp_path: Path) -> None:
    report = trixie()
    for form, expected in (
        ("json", json.render(Summary(report))),
        ("html", html.render(Summary(report))),
        ("junit", junit.render([Checked(Summary(report))])),
        ("sarif", sarif.render([Checked(Summary(report))])),
        ("code-quality", code_quality.render([Checked(Summary(report))])),
        ("markdown", markdown.render(Summary(report))),
        ("text", text.render(Summary(report))),
    ):
        assert (
            format_report(Summary(report), form, verbose=False, destination=tmp_path / "r")
            == expected
        )
        assert format_report(Summary(report), form, verbose=False, destination=None) == expected
    assert format_report(Summary(report), "text", verbose=True, destination=None) == text.render(
        Summary(report), verbose=True
    )


class TerminalLike(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", TerminalLike())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = format_report(Summary(sid()), "text", verbose=False, destination=None)
    assert "\x1b[1;31munexplained\x1b[0m, does not pass" in shown
    assert "\x1b" not in format_report(
        Summary(sid()), "text", verbose=False, destination=tmp_path / "r"
    )
    assert "\x1b" not in format_report(Summary(sid()), "json", verbose=False, destination=None)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in format_report(Summary(sid()), "text", verbose=False, destination=None)


def test_a_dumb_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", TerminalLike())
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = format_report(Summary(sid()), "text", verbose=False, destination=None)
    assert "\x1b" not in shown


def test_text_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    summary = Summary(trixie())
    usual = format_report(summary, "text", verbose=False, destination=None)
    monkeypatch.setattr(sys, "stdout", TerminalLike())
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "60")
    narrow = format_report(summary, "text", verbose=False, destination=None)
    assert narrow.split() == usual.split()
    # Commands, headings, and words that do not break stay whole; so does the verdict.
    lines = [line for line in narrow.splitlines()[1:] if "$ " not in line and line[-1:] != ":"]
    long = [line for line in lines if len(line) > 60]
    assert all(len(max(line.split(), key=len)) > 30 for line in long), long
    assert len(narrow.splitlines()) > len(usual.splitlines())
    # A file is no terminal, and a wide one changes nothing.
    assert format_report(summary, "text", verbose=False, destination=tmp_path / "r") == usual
    monkeypatch.setenv("COLUMNS", "300")
    assert format_report(summary, "text", verbose=False, destination=None) == usual
