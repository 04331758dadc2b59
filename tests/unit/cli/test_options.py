from __future__ import annotations

import pytest

from samego.cli.main import main, whole_parser


@pytest.mark.parametrize(
    ("arguments", "error", "command"),
    [
        ("chekc x", "there is no command 'chekc'; did you mean 'check'?", "samego"),
        ("cache shwo", "there is no action 'shwo'; did you mean 'show'?", "samego cache"),
        (
            "cache builds lst",
            "there is no action 'lst'; did you mean 'list'?",
            "samego cache builds",
        ),
        (
            "check --requier explained x",
            "there is no option --requier; did you mean '--require'?",
            "samego check",
        ),
        (
            "cache builds --ofline",
            "there is no option --ofline; did you mean '--offline'?",
            "samego cache builds",
        ),
        ("check --zzzz=1 x", "there is no option --zzzz", "samego check"),
        (
            "check --format jsno x",
            "; did you mean 'json'?",
            "samego check",
        ),
        ("upstream list a b", "too many arguments: a b", "samego upstream list"),
    ],
)
def test_a_mistyped_word_gets_a_suggestion(
    arguments: str, error: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert not out
    what, hint = err.splitlines()
    assert error in what
    assert hint == f"hint: see '{command} --help'"


def test_what_stands_behind_an_option_counts_too(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["report", "none.json", "--to", "text", "other.json", "-o", "out", "more.json"]
    assert main(words) == 2
    assert "too many" not in capsys.readouterr().err
    parsed = whole_parser().parse_args(words)
    assert [str(path) for path in parsed.reports] == ["none.json", "other.json", "more.json"]
