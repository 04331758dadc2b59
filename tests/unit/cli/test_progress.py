from __future__ import annotations

import io

import pytest

from samego.cli.progress import listen


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
