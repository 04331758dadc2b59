"""Differences planted in a real build: none is explained away, each is told for what it is.

The executables are built here by upstream's toolchain, once with a whole make.bash, and
packed into Debian's packages (support/planted.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.inputs import Inputs, cache_directory
from support.planted import SETTINGS, Plant, Planter, set_in
from support.reference_cache import reference_cache

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(3 * 3600)]

INLINER = "src/cmd/compile/internal/inline/inl.go"
#: Every executable of the package is built otherwise: bin/go and these.
OTHERS = 21
SOFTFLOAT = {"GO386": "softfloat"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a check said: its status, its first three lines, and the report."""

    status: int
    lines: list[str]
    report: dict[str, Any]

    def executables(self) -> list[dict[str, Any]]:
        return [finding for finding in self.report["findings"] if finding["kind"] == "elf"]


Check = Callable[[list[Path]], Told]


@pytest.fixture(scope="module")
def planter(inputs: Inputs) -> Planter:
    return Planter(inputs, cache_directory())


@pytest.fixture(scope="module")
def check(
    tmp_path_factory: pytest.TempPathFactory, go1244_module_zip: Path, go124_source: Path
) -> Check:
    samego = Samego(home=tmp_path_factory.mktemp("home"), patience=2 * 3600)
    (dsc,) = go124_source.glob("*.dsc")
    cache = reference_cache(cache_directory())
    given = ("--rebuild", "--cache", cache, "--upstream", go1244_module_zip, "--source", dsc)

    def run(packages: list[Path]) -> Told:
        text = samego("check", *packages, *given)
        assert text.status in {0, 1}, text.stderr
        as_json = samego("check", *packages, *given, "--format", "json")
        return Told(text.status, text.stdout.splitlines()[:3], as_json.report)

    return run


@pytest.fixture(scope="module")
def budget(planter: Planter) -> tuple[bytes, Path]:
    """Another constant in the compiler: the changed source, and the executables of it."""
    old = planter.shipped(INLINER)
    new = old.replace(b"inlineMaxBudget       = 80\n", b"inlineMaxBudget       = 81\n")
    assert new != old
    sources = {SETTINGS: planter.shipped(SETTINGS), INLINER: new}
    return new, planter.build(Plant(sources, SOFTFLOAT, compiler=True))


@pytest.fixture(scope="module")
def newer_cpu(planter: Planter) -> tuple[bytes, Path]:
    """GOAMD64=v3: the settings file that tells it, and the executables."""
    told = set_in(planter.shipped(SETTINGS), "GOAMD64", "v3")
    return told, planter.build(Plant({SETTINGS: told}, {**SOFTFLOAT, "GOAMD64": "v3"}))


@pytest.fixture(scope="module")
def experiment(planter: Planter) -> tuple[bytes, Path]:
    """GOEXPERIMENT=noswissmap, by a whole make.bash."""
    told = set_in(planter.shipped(SETTINGS), "GOEXPERIMENT", "noswissmap")
    settings = {**SOFTFLOAT, "GOEXPERIMENT": "noswissmap"}
    return told, planter.build(Plant({}, settings, whole=True))


def expect_root(told: Told, root: str, *shown: str) -> None:
    """Every executable follows from the one root cause, whose lines are shown."""
    assert told.status == 1
    first, second, third = told.lines
    assert "unexplained, does not pass (1 path that nothing accounts for, and " in first
    assert second.startswith(
        f"bin/go and {OTHERS} more executables follow from {root}, which nothing accounts for:"
        " read these "
    )
    for text in shown:
        assert text in third
    assert [f["path"] for f in told.report["findings"] if f["standing"] == "unexplained"] == [root]
    for finding in told.executables():
        assert (finding["standing"], finding["effective"]) == ("explained", "unexplained")
        assert root in finding["rests_on"]


def expect_alarm(told: Told, *shown: str) -> None:
    """No executable follows from the package's own sources, and nothing else is wrong."""
    assert told.status == 1
    first, second, third = told.lines
    count = OTHERS + 1
    assert f"({count} executables not built from the package's own sources)" in first
    assert second == (
        f"ALARM: bin/go and {OTHERS} more executables do not follow from the package's own sources"
        " and settings"
    )
    for text in shown:
        assert text in third
    unexplained = [f for f in told.report["findings"] if f["effective"] == "unexplained"]
    assert [f["path"] for f in unexplained] == [f["path"] for f in told.executables()]
    assert {f["rule"] for f in unexplained} == {"witness_build"}


def test_a_constant_changed_in_the_compiler_and_in_the_shipped_source(
    planter: Planter, check: Check, budget: tuple[bytes, Path], tmp_path: Path
) -> None:
    source, executables = budget
    told = check(planter.pack(tmp_path, executables, {INLINER: source}))
    expect_root(told, INLINER, "- inlineMaxBudget = 80 | + inlineMaxBudget = 81")
    assert told.lines[1].endswith("read these 2 lines")


def test_the_same_constant_in_the_executables_alone(
    planter: Planter, check: Check, budget: tuple[bytes, Path], tmp_path: Path
) -> None:
    expect_alarm(check(planter.pack(tmp_path, budget[1])), "bin/go: ")


def test_an_undeclared_setting_that_the_settings_file_tells(
    planter: Planter, check: Check, newer_cpu: tuple[bytes, Path], tmp_path: Path
) -> None:
    settings, executables = newer_cpu
    told = check(planter.pack(tmp_path, executables, {SETTINGS: settings}))
    expect_root(told, SETTINGS, "+ const DefaultGOAMD64 = `v3`")


def test_an_undeclared_setting_that_is_not_told(
    planter: Planter, check: Check, newer_cpu: tuple[bytes, Path], tmp_path: Path
) -> None:
    told = check(planter.pack(tmp_path, newer_cpu[1]))
    expect_alarm(told, "bin/go: built with GOAMD64=v3, not v1")


def test_an_undeclared_experiment_that_the_settings_file_tells(
    planter: Planter, check: Check, experiment: tuple[bytes, Path], tmp_path: Path
) -> None:
    settings, executables = experiment
    told = check(planter.pack(tmp_path, executables, {SETTINGS: settings}))
    expect_root(told, SETTINGS, "defaultGOEXPERIMENT = `noswissmap`")


def test_an_undeclared_experiment_that_is_not_told(
    planter: Planter, check: Check, experiment: tuple[bytes, Path], tmp_path: Path
) -> None:
    told = check(planter.pack(tmp_path, experiment[1]))
    expect_alarm(told, "bin/go: built with GOEXPERIMENT=noswissmap, not nothing")
