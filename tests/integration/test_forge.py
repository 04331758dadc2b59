"""A short campaign of forged packages: what is known to be refused or named stays so.

``make forge`` makes a thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from forge.bench import WAYS
from forge.campaign import Forged, Workshop, campaign, table
from forge.worlds import World, arch_world, debian_world
from support.inputs import Inputs

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

_COUNT, _SEED = 30, 12


def _fields() -> list[str]:
    return sorted({way.field for way in WAYS})


@pytest.fixture(scope="module")
def forged(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> list[Forged]:
    makers: dict[str, Callable[[Inputs, Path], World]]
    makers = {"debian": debian_world, "arch": arch_world}
    workshops = []
    for name, make in makers.items():
        place = tmp_path_factory.mktemp(name)
        workshop = Workshop(make(inputs, place), place / "run")
        workshop.check_untouched()
        workshops.append(workshop)
    return list(campaign(workshops, _COUNT, _SEED, fields=_fields()))


def test_no_forgery_passes_and_each_is_named_or_refused(forged: list[Forged]) -> None:
    wrong = [str(one) for one in forged if not one.judgement.outcome.good]
    assert wrong == [], table(forged)


def test_they_are_of_both_distros_and_many_fields(forged: list[Forged]) -> None:
    worlds = Counter(one.world for one in forged)
    assert min(worlds["debian"], worlds["arch"]) > _COUNT // 3
    assert len({one.way.field for one in forged}) >= 15
