from __future__ import annotations

import threading

import pytest

from samego.system import ending
from samego.system.progress import Silent, expected
from samego.system.stoppable import Stoppable


class Listener(Silent):
    def __init__(self) -> None:
        self.seen: list[tuple[int, int | None]] = []
        self.notes: list[str] = []
        self.often, self.over = threading.Event(), threading.Event()

    def advance(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))
        if len(self.seen) > 2:
            self.often.set()
        if total is None:
            self.over.set()

    def note(self, line: str) -> None:
        self.notes.append(line)


def test_what_takes_longer_than_expected_says_so_once_and_names_no_end() -> None:
    listener = Listener()
    with expected(listener, 0.4, tick=0.3):
        assert listener.over.wait(30)
    assert len(listener.notes) == 1
    assert "longer than expected" in listener.notes[0]
    assert [total for _done, total in listener.seen].count(None) == 1


def test_what_says_nothing_of_itself_advances_by_the_clock_and_never_to_the_end() -> None:
    listener = Listener()
    with expected(listener, 100, tick=0.01):
        assert listener.often.wait(30)
    number = len(listener.seen)
    assert not listener.notes
    assert all(done < (total or 0) for done, total in listener.seen)
    listener.often.wait(0.05)
    assert len(listener.seen) == number


def test_an_error_ends_the_clock_too() -> None:
    threads = threading.active_count()
    with pytest.raises(KeyError), expected(Listener(), 100, tick=0.01):
        raise KeyError
    assert threading.active_count() == threads


def test_a_run_that_ended_is_left_in_peace() -> None:
    stopped = Stoppable(Listener())
    stopped.stop()
    with expected(stopped, 100, tick=0.001):
        threading.Event().wait(0.05)  # nothing is raised, here or in the clock's thread


def test_what_is_kept_is_forgotten_by_the_next_run() -> None:
    ending.keeps("downloads are kept")
    assert ending.kept() == "downloads are kept"
    ending.begin()
    assert not ending.kept()
