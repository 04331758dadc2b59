from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from samego.inputs.bisect import culprits

NAMES = tuple(string.ascii_lowercase[:19])


@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_what_acts_together_is_found_and_nothing_else(guilty: set[str]) -> None:
    assert set(culprits(NAMES, lambda some: guilty <= some)) == guilty


@given(st.sampled_from(NAMES))
def test_one_culprit_takes_few_builds(guilty: str) -> None:
    asked: list[frozenset[str]] = []

    def differs(some: frozenset[str]) -> bool:
        asked.append(some)
        return guilty in some

    assert culprits(NAMES, differs) == (guilty,)
    assert len(asked) <= 2 * len(NAMES).bit_length()


@given(st.sets(st.sampled_from(NAMES), min_size=2, max_size=3))
def test_of_several_that_act_alone_one_is_named(guilty: set[str]) -> None:
    (found,) = culprits(NAMES, lambda some: bool(guilty & some))
    assert found in guilty
