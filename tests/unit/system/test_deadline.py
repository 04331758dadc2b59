from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from samego.errors import OutOfTimeError
from samego.system import ending
from samego.system.deadline import deadline

#: What Thread.start calls: until Python 3.12, and since.
_STARTS = ("_start_new_thread", "_start_joinable_thread")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    ending.begin()


def test_what_takes_longer_is_ended_and_named() -> None:
    told = r"^the look did not end within 0.01 s"
    with pytest.raises(OutOfTimeError, match=told), deadline(0.01, "the look"):
        time.sleep(10)


def test_what_ends_in_time_is_left_alone() -> None:
    with deadline(60, "the look"):
        pass


def test_an_error_of_what_was_running_stays_that_error() -> None:
    with pytest.raises(LookupError), deadline(60, "the look"):
        raise LookupError


def test_nobody_takes_it_for_a_failure_of_what_was_running() -> None:
    with pytest.raises(OutOfTimeError), deadline(60, "the look"), contextlib.suppress(Exception):
        signal.raise_signal(signal.SIGALRM)


def test_a_deadline_at_the_very_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is over after the work is done and before the timer is stopped."""
    real = signal.setitimer

    def late(which: int, seconds: float) -> tuple[float, float]:
        if not seconds:
            signal.raise_signal(signal.SIGALRM)
        return real(which, seconds)

    monkeypatch.setattr(signal, "setitimer", late)
    with pytest.raises(OutOfTimeError), deadline(60, "the look"):
        pass
    real(signal.ITIMER_REAL, 0)


def test_a_thread_that_starts_at_that_moment_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(each for each in reversed(_STARTS) if hasattr(threading, each))
    real = getattr(threading, name)

    def late(*args: object, **more: object) -> object:
        begun = real(*args, **more)
        signal.raise_signal(signal.SIGALRM)
        return begun

    ran = threading.Event()
    monkeypatch.setattr(threading, name, late)
    with pytest.raises(OutOfTimeError), deadline(60, "the look"):
        threading.Thread(target=ran.set).start()
    assert ran.wait(10)
    assert capsys.readouterr().err == ""
