"""Forgeries with a name, each through the command line: what was once passed over stays refused.

``python -m forge.named`` prints them as a table, and plays them on another samego too.
"""

from __future__ import annotations

import pytest

from forge.named import CASES
from forge.named.stage import Case, Stage
from support.inputs import Inputs

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

_ALL = [(f"{kind}: {case.text}", case) for kind, cases in CASES.items() for case in cases]


@pytest.fixture(scope="module")
def stage(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(inputs, tmp_path_factory.mktemp("named"))


def test_there_are_many_of_each_kind() -> None:
    for kind, cases in CASES.items():
        kin = [case for case in cases if not case.seen]
        assert len(kin) >= (2 if kind == "reports" else 5), kind


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=text, marks=() if case.seen else pytest.mark.long)
        for text, case in _ALL
    ],
)
def test_it_is_named_or_refused(case: Case, stage: Stage) -> None:
    done = case.play(stage)
    assert done.good, done
