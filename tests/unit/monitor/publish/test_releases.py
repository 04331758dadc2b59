from __future__ import annotations

import pytest

from samego.monitor.publish.outcome import PublishOutcome, in_units
from samego.monitor.publish.releases import GRACE, ReleasePlace, link_target, shown_by

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_what_nobody_needs() -> None:
    now = 1e9
    old, young = now - GRACE, now - GRACE + 1
    place = ReleasePlace(A, {A: old, B: old, C: young})
    assert place.unneeded({A}, now) == [B]
    assert place.unneeded({A, B}, now) == []
    assert place.unneeded(set(), now) == [A, B]


def test_a_link_is_read_as_it_is_written() -> None:
    assert shown_by("go", link_target("go", A)) == A


@pytest.mark.parametrize(
    "target",
    [
        "",
        A,
        f"/srv/.go.releases/{A}",
        f".other.releases/{A}",
        ".go.releases/x",
        f".go.releases/{A}/",
    ],
)
def test_a_link_of_somebody_else(target: str) -> None:
    assert shown_by("go", target) == ""


def test_sentences() -> None:
    sent = {"a": 1000, "b\n": 11288}
    done = PublishOutcome("host:go", A, 1204, sent)
    assert done.lines() == [
        "published 2 changed files of 1,204 (12 KiB) to host:go; release aaaaaaaa"
    ]
    one = PublishOutcome("host:go", A, 1204, {"b\n": 1}, dry=True)
    assert one.lines() == [
        r"would send b\n",
        "would publish 1 changed file of 1,204 (1 B) to host:go; release aaaaaaaa",
    ]
    shown = PublishOutcome("host:go", A, 1204, {}, shown=True)
    assert shown.lines() == ["nothing to do: host:go already shows aaaaaaaa"]


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (5 << 30, "5 GiB")]
)
def test_units(size: int, text: str) -> None:
    assert in_units(size) == text
