"""A short run of every fuzz target; ``make fuzz`` gives them a million inputs."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from fuzz.running import fuzz
from fuzz.seeds import Seeds
from fuzz.targets import TARGETS, Target

_INPUTS, _SEED = 120, 20


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    return Seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_mutated_inputs_are_read_or_refused(target: Target, seeds: Seeds) -> None:
    """And what is read means the same to a second reader, where there is one."""
    tally = fuzz(target, target.seeds(seeds), _SEED, range(_INPUTS))
    assert list(tally.findings.values()) == []
    assert tally.inputs == _INPUTS


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_seed_as_it_is_is_accepted(target: Target, seeds: Seeds, tmp_path: Path) -> None:
    """Else mutations of it would test nothing but its first lines."""
    accepted = 0
    for seed in target.seeds(seeds):
        with contextlib.suppress(*target.may_raise):
            target.run(seed, tmp_path)
            accepted += 1
    assert accepted
