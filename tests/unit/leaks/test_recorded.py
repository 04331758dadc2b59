"""Real builds of three releases, each recorded with what it shows, asked without building.

A file is what ``benchmarks/leaks.py --record`` writes: for each build what was planted, what must
and what may be named, and the traces that were found.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samego.leaks.find import name_candidates
from samego.model.candidate import Candidate, Trace
from samego.model.release import Release, Target

RECORDED = Path(__file__).resolve().parents[3] / "fixtures" / "leaks"
Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    rows: list[Case] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return rows


def named(case: Case) -> tuple[Candidate, ...]:
    found, more = (tuple(Trace(*row) for row in case[key]) for key in ("traces", "functions"))
    release, target = Release.parse(case["release"]), Target("linux", "amd64")
    return name_candidates(case["path"], found, lambda: more, release, target)


def title(case: Case) -> str:
    return f"{case['release']} {' + '.join(case['planted'])}"


@pytest.mark.parametrize("case", cases("one-by-one"), ids=title)
def test_one_setting_is_named_and_nothing_else_is(case: Case) -> None:
    names = [each.name for each in named(case)]
    assert names[0] in case["allowed"]
    assert set(names) <= set(case["allowed"])
    for wanted in case["expected"]:
        assert set(names) & set(wanted)


def test_they_are_of_three_releases_and_of_most_settings() -> None:
    rows = cases("one-by-one")
    assert {case["release"] for case in rows} == {"go1.21.13", "go1.24.4", "go1.27.3"}
    assert len({name for case in rows for names in case["expected"] for name in names}) >= 14
