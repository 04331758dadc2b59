"""What samego writes for people is what fixtures/golden keeps; ``make golden`` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from golden.cases import CASES, Case
from golden.scene import Scene, scene
from golden.text import DIRECTORY, folded, kept, rendered
from support.inputs import Inputs

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def made(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(inputs, tmp_path_factory.mktemp("golden")) as ready:
        yield ready


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_text_is_what_was_kept(case: Case, made: Scene) -> None:
    text = rendered(case, made.run(case))
    assert folded(text) == folded(kept(case).read_text("utf-8"))


def test_every_kept_text_is_of_a_case() -> None:
    assert sorted(DIRECTORY.glob("*.txt")) == sorted(kept(case) for case in CASES)
