from __future__ import annotations

import pytest

from samego.rebuild.estimate import Estimate, Pace, duration


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_of_what_was_built_holds_for_what_is_left() -> None:
    clock = Clock()
    pace = Pace(Estimate(hosts=1, targets=4, jobs=1), clock)
    assert pace.summary == "0 s so far"
    clock.now += 300
    pace.built(600)  # twice as fast as CPU seconds: 1200 of them are left
    assert pace.summary == "5 min so far, about 10 min left"
    clock.now += 600
    for _ in range(4):
        pace.built(300)
    assert pace.summary == "15 min so far, about 0 s left"


def test_one_build_takes_as_long_as_the_pace_says() -> None:
    clock = Clock()
    pace = Pace(Estimate(hosts=1, targets=4, jobs=1), clock)
    assert 0 < pace.wall(600) <= 600
    clock.now += 300
    pace.built(600)
    assert pace.wall(300) == 150


def test_before_anything_was_built_there_is_no_pace() -> None:
    clock = Clock()
    pace = Pace(Estimate(hosts=1, targets=1, jobs=1), clock)
    clock.now += 90
    assert pace.summary == "2 min so far"


def test_more_at_the_same_time_takes_more_room_and_no_more_work() -> None:
    one, two = Estimate(1, 4, 1), Estimate(1, 4, 2)
    assert two.seconds == one.seconds == 1800
    assert two.bytes > one.bytes
    assert Estimate(1, 1, 8).bytes == Estimate(1, 1, 1).bytes


def test_no_work_takes_nothing() -> None:
    assert (Estimate(0, 0, 8).seconds, Estimate(0, 0, 8).bytes) == (0, 0)
    assert 0 < Estimate(0, 1, 1).bytes < Estimate(1, 1, 1).bytes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (90, "2 min"), (3599, "60 min"), (7500, "2 h 05 min")],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
