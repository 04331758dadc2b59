"""What got better or worse, since when, and where a package fell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samego.model.proof import Standing
from samego.monitor.history.changes import Direction, changes, first_bad
from support.history_runs import BEGIN, FIPS, run

WORSE, BETTER = Direction.WORSE, Direction.BETTER


def test_a_version_that_breaks_what_the_one_before_did_not_is_worse() -> None:
    runs = [run("1.26.2-1"), run("1.26.10-1", breaking=[FIPS], hours=3)]
    (change,) = changes(runs)
    assert change.direction is WORSE
    assert (change.before.version, change.after.version) == ("1.26.2-1", "1.26.10-1")
    assert change.since == BEGIN + timedelta(hours=3)
    assert change.sentence == f"golang-1.27 1.26.10-1 amd64: breaks {FIPS}"


def test_versions_stand_in_the_distros_order_and_not_in_that_of_time() -> None:
    # The older version was checked later, and ~ sorts before everything.
    runs = [
        run("1.27.3-1", Standing.UNEXPLAINED, hours=0),
        run("1.27.3~rc1-1", hours=2),
        run("1.27.10-1", hours=1),
    ]
    found = [(change.after.version, change.direction) for change in changes(runs)]
    assert found == [("1.27.10-1", BETTER), ("1.27.3-1", WORSE)]


def test_the_same_version_checked_again_can_change_too() -> None:
    runs = [
        run("1.27.3-1", Standing.UNPROVEN, hours=0),
        run("1.27.3-1", Standing.UNPROVEN, hours=1),
        run("1.27.3-1", Standing.EXPLAINED, hours=2),
    ]
    (change,) = changes(runs)
    assert (change.direction, change.again) == (BETTER, True)
    assert change.sentence == "golang-1.27 1.27.3-1 amd64: explained, it was unproven"


def test_what_is_better_proven_and_breaks_something_new_is_worse() -> None:
    runs = [
        run("1", Standing.UNPROVEN),
        run("2", Standing.EXPLAINED, breaking=["a", "b", "c", "d"], hours=1),
    ]
    (change,) = changes(runs)
    assert change.direction is WORSE
    assert change.sentence.endswith("explained, 1 was unproven; breaks a, b, c and 1 more")


def test_what_is_mended_is_better() -> None:
    (change,) = changes([run("1", breaking=[FIPS]), run("2", hours=1)])
    assert (change.direction, change.sentence) == (
        BETTER,
        "golang-1.27 2 amd64: no longer breaks 1 file",
    )


def test_since_is_when_a_version_was_first_found_so() -> None:
    bad = Standing.UNEXPLAINED
    runs = [run("1"), *(run("2", bad, hours=hours) for hours in (5, 6, 7))]
    (change,) = changes(runs)
    assert change.since == BEGIN + timedelta(hours=5)


def test_lines_do_not_mix() -> None:
    runs = [
        run("1", architecture="amd64"),
        run("2", Standing.UNEXPLAINED, architecture="arm64"),
        run("3", Standing.UNEXPLAINED, package="golang-1.26"),
    ]
    assert changes(runs) == []


def test_the_newest_change_comes_first() -> None:
    runs = [run("1"), run("2", Standing.UNPROVEN, hours=1), run("3", hours=2)]
    assert [change.after.version for change in changes(runs)] == ["3", "2"]


def test_the_version_that_fell_is_the_first_of_the_bad_ones_at_the_end() -> None:
    runs = [
        run("1", Standing.UNEXPLAINED),
        run("2"),
        run("3", breaking=[FIPS], hours=3),
        run("4", breaking=[FIPS], hours=4),
    ]
    (fall,) = first_bad(runs, Standing.EXPLAINED)
    assert (fall.bad.version, fall.later) == ("3", ("4",))
    assert fall.good is not None
    assert (fall.good.version, fall.since) == ("2", BEGIN + timedelta(hours=3))


def test_without_a_good_version_the_first_one_fell() -> None:
    (fall,) = first_bad([run("1", breaking=[FIPS]), run("2", breaking=[FIPS])], Standing.EXPLAINED)
    assert (fall.good, fall.bad.version) == (None, "1")


def test_what_came_back_has_not_fallen() -> None:
    runs = [run("1"), run("2", breaking=[FIPS]), run("3", breaking=[FIPS]), run("3", hours=9)]
    assert first_bad(runs, Standing.EXPLAINED) == []


@pytest.mark.parametrize(
    ("bar", "fell"), [(Standing.EXPLAINED, "2"), (Standing.UNPROVEN, "3")], ids=str
)
def test_the_bar_says_what_is_bad(bar: Standing, fell: str) -> None:
    runs = [run("1"), run("2", Standing.UNPROVEN), run("3", Standing.UNEXPLAINED)]
    assert [each.bad.version for each in first_bad(runs, bar)] == [fell]


def test_what_breaks_is_bad_below_every_bar() -> None:
    (fall,) = first_bad([run("1"), run("2", breaking=[FIPS])], Standing.UNPROVEN)
    assert fall.bad.version == "2"
