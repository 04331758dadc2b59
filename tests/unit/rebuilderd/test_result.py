from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.rebuilderd.result import PREFIX, Result, find, line
from samego.reproduction import Outcome

RESULT = Result("go", "go1.24.4.linux-amd64.tar.gz", Outcome.FAILED, cause="a line\nand another")


def test_a_log_gives_the_result_back() -> None:
    assert "\n" not in line(RESULT)
    other = Result("go", "x", Outcome.SAME)
    assert find(f"+ make\n{line(other)}\nsome\n{line(RESULT)}\nend\n") == RESULT


def test_a_log_without_one() -> None:
    assert find(f"says {PREFIX}in the middle of a line\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "7",
        "{}",
        line(RESULT)[len(PREFIX) :].replace("rebuilderd/1", "rebuilderd/2"),
        line(RESULT)[len(PREFIX) :].replace('"failed"', '"fine"'),
        line(RESULT)[len(PREFIX) :].replace('"failed"', "7"),
        line(RESULT)[len(PREFIX) :].replace('"backend"', '"other"'),
        "[" * 100_000,
    ],
)
def test_what_samego_did_not_write(text: str) -> None:
    with pytest.raises(InputError, match=r"is not of samego\.rebuilderd/1"):
        find(PREFIX + text)
