"""Addresses that stay, and lead nowhere but into the site."""

from __future__ import annotations

import pytest

from samego.monitor.site import places


@pytest.mark.parametrize("name", ["golang-1.27", "go", "libstdc++6", "a_b.c"])
def test_a_safe_name_is_itself(name: str) -> None:
    assert places.part(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../../etc/passwd", "/usr/lib/go", "%2e", "\ud800"),
        *("a b", "A", "-x", "é", "a" * 300),
    ],
)
def test_any_other_name_becomes_a_safe_one(name: str) -> None:
    part = places.part(name)
    assert places._SAFE.fullmatch(part)
    assert part != name


def test_names_that_look_alike_stay_apart() -> None:
    assert len({places.part(name) for name in ("a/b", "a b", "a_b", "a:b")}) == 4


def test_the_way_up_is_as_long_as_the_way_down() -> None:
    assert places.up(places.INDEX) == ""
    assert places.up(places.package("debian", "golang-1.27")) == "../../"
    assert places.report("ab") == "reports/ab.html"


def test_a_reports_files_tell_its_digest() -> None:
    assert places.digest(places.report("ab")) == places.digest(places.report_json("ab")) == "ab"
    assert places.digest(places.INDEX) == ""
