"""The queue: nothing is in it twice, and nothing is lost from it."""

from __future__ import annotations

from datetime import timedelta

from samego.monitor.history import waiting
from samego.monitor.history.record import Offer
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History

NOW = moment(1_764_000_000)
OFFER = Offer("debian", "trixie", "golang-1.24", "1.24.4-1", "amd64", "debian:trixie/golang-1.24")


def test_a_version_waits_once(history: History) -> None:
    row = waiting.of_offer(OFFER, NOW)
    with history.transaction():
        assert waiting.enqueue(history, [row, row]) == 1
        assert waiting.enqueue(history, [waiting.of_offer(OFFER, moment(9))]) == 0
    assert history.waiting() == [row]
    assert (row.tries, row.due, row.message) == (0, NOW, waiting.NEW)
    with history.transaction():
        later = waiting.put_off(history, row, "no network", NOW)
        waiting.enqueue(history, [row])
    assert history.waiting() == [later]


def test_each_failure_waits_longer_up_to_a_limit_that_fits_a_daily_pass(history: History) -> None:
    row, delays = waiting.of_offer(OFFER, NOW), []
    for _ in range(7):
        with history.transaction():
            row = waiting.put_off(history, row, "no network", NOW)
        delays.append((row.due - NOW) // timedelta(hours=1))
    assert delays == [1, 2, 4, 8, 16, 20, 20]
    assert history.waiting() == [row]
    assert (row.tries, row.message, row.since) == (7, "no network", NOW)
    with history.transaction():
        assert waiting.put_off(history, row, "x" * 9, NOW).tries == 8


def test_a_thousand_failures_are_no_overflow(history: History) -> None:
    row = waiting.of_offer(OFFER, NOW)
    with history.transaction():
        for _ in range(1000):
            row = waiting.put_off(history, row, "no network", NOW)
    assert row.due - NOW == waiting.LONGEST_DELAY


def test_again_makes_it_due_under_the_new_name_and_keeps_its_past(history: History) -> None:
    with history.transaction():
        row = waiting.put_off(history, waiting.of_offer(OFFER, NOW), "gone", NOW)
        other = Offer("debian", "sid", "golang-1.24", "1.24.4-1", "amd64", "debian:sid/golang-1.24")
        waiting.enqueue(history, [waiting.of_offer(other, NOW)], again=True)
    (found,) = history.waiting()
    assert (found.spec, found.due, found.tries, found.message) == (other.spec, NOW, 1, "gone")
    with history.transaction():
        waiting.drop(history, row)
    assert history.waiting() == []


def test_a_name_that_was_checked_is_not_new_whatever_its_report_calls_it(history: History) -> None:
    assert waiting.unchecked(history, [OFFER]) == [OFFER]
    with history.transaction():
        waiting.note_checked(history, OFFER.spec, "ab", NOW)
    assert waiting.unchecked(history, [OFFER]) == []


def test_a_sweep_begins_once_until_it_has_ended(history: History) -> None:
    for expected in (True, False):
        with history.transaction():
            assert waiting.begin_sweep(history, "all", NOW) is expected
    waiting.end_sweeps(history)
    with history.transaction():
        assert waiting.begin_sweep(history, "all", NOW)
