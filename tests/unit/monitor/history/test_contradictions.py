"""Reports on the same packages that cannot both be right, the worse one first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.model.proof import Standing
from samego.monitor.history.contradictions import contradictions
from samego.monitor.history.record import Run
from support.history_runs import FIPS, run

EXPLAINED, UNPROVEN, UNEXPLAINED = Standing.EXPLAINED, Standing.UNPROVEN, Standing.UNEXPLAINED


def said(
    verdict: Standing,
    hours: int,
    *,
    owner: str = "",
    breaking: tuple[str, ...] = (),
    about: str = "x",
) -> Run:
    results_of = run("1.27.3-1", verdict, hours=hours, breaking=breaking)
    return replace(results_of, owner=owner, bytes=about, digest=f"{owner}{hours}{verdict.value}")


@pytest.mark.parametrize(
    ("runs", "worst"),
    [
        # A stranger's accusation, and a stranger's praise.
        ([said(EXPLAINED, 0), said(UNEXPLAINED, 1, owner="alice")], "alice"),
        ([said(UNEXPLAINED, 0), said(EXPLAINED, 1, owner="alice")], ""),
        # Two strangers.
        ([said(UNEXPLAINED, 0, owner="bob"), said(EXPLAINED, 1, owner="alice")], "bob"),
        # Our own, which fell.
        ([said(EXPLAINED, 0), said(UNEXPLAINED, 1)], ""),
        # What breaks is decided by the bytes alone.
        ([said(EXPLAINED, 0), said(EXPLAINED, 1, owner="alice", breaking=(FIPS,))], "alice"),
        ([said(UNPROVEN, 0, breaking=(FIPS,)), said(UNPROVEN, 1, owner="alice")], ""),
    ],
)
def test_what_cannot_both_be_right(runs: list[Run], worst: str) -> None:
    (found,) = contradictions(runs)
    assert len(found.runs) == 2
    first, second = found.runs
    assert first.owner == worst
    assert (first.verdict.rank, len(first.breaking)) > (second.verdict.rank, len(second.breaking))


@pytest.mark.parametrize(
    "runs",
    [
        # Knowledge that adds up: the source package was at hand, the rebuild was run.
        [said(UNEXPLAINED, 0), said(EXPLAINED, 1)],
        [said(UNPROVEN, 0), said(EXPLAINED, 1)],
        [said(EXPLAINED, 0), said(UNPROVEN, 1, owner="alice")],
        # Other bytes, and bytes that nobody names.
        [said(EXPLAINED, 0), said(UNEXPLAINED, 1, owner="alice", about="y")],
        [said(EXPLAINED, 0, about=""), said(UNEXPLAINED, 1, owner="alice", about="")],
    ],
)
def test_what_can(runs: list[Run]) -> None:
    assert contradictions(runs) == []
