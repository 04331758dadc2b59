from __future__ import annotations

import time

import pytest

from samego.errors import ConfigError, NetworkError
from samego.monitor.publish.retrying import LostError, Patience, retrying


class Notes:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, name: str) -> None:
        raise AssertionError(name)

    def note(self, line: str) -> None:
        self.notes.append(line)

    def advance(self, done: int, total: int | None) -> None:
        raise AssertionError(done, total)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_lost_connection_is_tried_again_and_told(pauses: list[float]) -> None:
    notes, left = Notes(), [2]

    def action() -> str:
        if left[0]:
            left[0] -= 1
            raise LostError("it was lost", hint="again")
        return "there"

    assert retrying(action, Patience(), notes) == "there"
    assert pauses == [1.0, 2.0]
    assert notes.notes == [
        "it was lost: again in 1 s, 4 more tries",
        "it was lost: again in 2 s, 3 more tries",
    ]


def test_at_last_it_is_an_error(pauses: list[float]) -> None:
    calls = []

    def action() -> None:
        calls.append(1)
        raise LostError("it was lost", hint="again")

    with pytest.raises(LostError):
        retrying(action, Patience(), Notes())
    assert len(calls) == 5
    assert pauses == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("error", [ConfigError("no", hint=""), NetworkError("no", hint="")])
def test_nothing_else_is_tried_again(error: Exception, pauses: list[float]) -> None:
    def action() -> None:
        raise error

    with pytest.raises(type(error)):
        retrying(action, Patience(), Notes())
    assert pauses == []
