from __future__ import annotations

import io
import time

import pytest
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress as Bars

from samego.cli.progress import LineProgress, Terminal, left, listen


class TerminalLike(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, *, quiet: bool = False) -> str:
    with listen(quiet=quiet, stream=stream) as progress:
        progress.advance(0, 1)
        progress.stage("reading [a]\x1b[2J")
        progress.advance(1, 2)
        progress.advance(2, 2)
        progress.note("go.dev does not answer [b]")
        progress.stage("comparing")
        progress.advance(7, None)
    return stream.getvalue()


def test_a_log_gets_one_line_a_stage() -> None:
    assert run(io.StringIO()) == (
        "samego: reading [a]\\x1b[2J\nsamego: go.dev does not answer [b]\nsamego: comparing\n"
    )


def test_quiet_is_quiet() -> None:
    assert not run(io.StringIO(), quiet=True)
    assert not run(TerminalLike(), quiet=True)


def test_a_terminal_gets_bars_that_go_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = run(TerminalLike())
    assert "samego: go.dev does not answer [b]" in shown
    assert "comparing" in shown
    assert "\x1b[2J" not in shown
    # The cursor is back, and the bar's line is erased.
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "\x1b[2K" in shown


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert run(TerminalLike()) == run(io.StringIO())


def test_a_run_that_fails_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = TerminalLike()

    def interrupted() -> None:
        with listen(quiet=False, stream=stream) as progress:
            progress.stage("reading")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_log_is_told_once_a_minute_how_far_a_long_stage_is() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = LineProgress(stream, clock)
    progress.stage("building")
    for now, done in ((30, 30), (61, 60), (90, 90), (125, 120), (200, 0)):
        clock.now = now
        progress.advance(done, 240)
        progress.advance(done, None)
    progress.stage("comparing")
    clock.now = 230
    progress.advance(1, 2)
    assert stream.getvalue().splitlines() == [
        "samego: building",
        "samego: 25 %, about 3 min left",
        "samego: 50 %, about 2 min left",
        "samego: 0 %",
        "samego: comparing",
    ]


@pytest.mark.parametrize(
    ("done", "text"), [(0, "0 %"), (1, "33 %, about 20 s left"), (3, "100 %"), (4, "133 %")]
)
def test_what_is_left_is_told_at_the_pace_so_far(done: int, text: str) -> None:
    assert left(done, 3, 10.0) == text


def test_a_narrow_terminal_still_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    stream = TerminalLike()
    with listen(quiet=False, stream=stream) as progress:
        progress.stage("building a reference build of go1.24.4 for linux-amd64 (go install cmd)")
        progress.advance(40, 100)
    shown = stream.getvalue()
    assert "40 %" in shown
    assert "building" in shown


def test_a_bar_whose_end_is_not_known_any_more_shows_none() -> None:
    columns = (BarColumn(),)
    with Bars(*columns, console=Console(file=TerminalLike(), force_terminal=True)) as bars:
        shown = Terminal(bars)
        shown.stage("building")
        shown.advance(5, 10)
        assert [task.total for task in bars.tasks] == [10]
        time.sleep(0.15)  # a bar moves at most some times a second
        shown.advance(11, None)
        assert [(task.total, task.completed) for task in bars.tasks] == [(None, 11)]
