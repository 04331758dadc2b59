"""Real inputs, fetched once and shared (see support/inputs.py for what and from where)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.cli import HEAVY, Samego
from support.inputs import Inputs, cache_directory
from support.reference_cache import reference_cache
from support.shared import Shared


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """All pinned inputs."""
    return Inputs(cache_directory())


@pytest.fixture(scope="session", autouse=True)
def module_proxy(inputs: Inputs) -> Iterator[None]:
    """Where no Go says which module proxy to ask, samego asks the one that the inputs come from."""
    patch = pytest.MonkeyPatch()
    if not os.environ.get("GOPROXY") and shutil.which("go") is None:
        patch.setenv("GOPROXY", inputs.proxy())
    yield
    patch.undo()


@pytest.fixture(scope="session")
def trixie_go124_debs(inputs: Inputs) -> list[Path]:
    """golang-1.24 1.24.4-1 amd64: -go, -src, -doc."""
    return inputs.debs("trixie/1.24/amd64")


@pytest.fixture(scope="session")
def trixie_go124_arm64_debs(inputs: Inputs) -> list[Path]:
    """The same for arm64: upstream's module form is not available for it."""
    return inputs.debs("trixie/1.24/arm64")


@pytest.fixture(scope="session")
def sid_go127_debs(inputs: Inputs) -> list[Path]:
    """golang-1.27 1.27.3-1 amd64: -go, -src, -doc."""
    return inputs.debs("sid/1.27/amd64")


@pytest.fixture(scope="session")
def sid_go127_arm64_debs(inputs: Inputs) -> list[Path]:
    """golang-1.27 1.27.3-1 arm64: -go, -src, -doc."""
    return inputs.debs("sid/1.27/arm64")


@pytest.fixture(scope="session")
def bookworm_backports_debs(inputs: Inputs) -> Callable[[str], list[Path]]:
    """The backported packages of a line (1.21, 1.22 or 1.23), amd64."""
    return lambda line: inputs.debs(f"bookworm-backports/{line}/amd64")


@pytest.fixture(scope="session")
def go124_source(inputs: Inputs) -> Path:
    """A directory with the source package golang-1.24 1.24.4-1: dsc, orig, debian.tar."""
    return inputs.source("1.24.4-1")


@pytest.fixture(scope="session")
def module_zip(inputs: Inputs) -> Callable[[str, str], Path]:
    """The module zip of a release and target, such as ("go1.27.3", "linux-amd64")."""
    return inputs.module_zip


@pytest.fixture(scope="session")
def go1244_module_zip(inputs: Inputs) -> Path:
    """Upstream's go1.24.4 for linux-amd64 in its module form."""
    return inputs.module_zip("go1.24.4", "linux-amd64")


@pytest.fixture(scope="session")
def go1273_module_zip(inputs: Inputs) -> Path:
    """Upstream's go1.27.3 for linux-amd64 in its module form."""
    return inputs.module_zip("go1.27.3", "linux-amd64")


@pytest.fixture(scope="session")
def samego_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory for samego that the session's tests share, cache included."""
    return tmp_path_factory.mktemp("samego-home")


@pytest.fixture(scope="session")
def samego(samego_home: Path) -> Samego:
    """The command line, run as a user would, with the session's home."""
    return Samego(home=samego_home, uncovered=HEAVY)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What all workers of this run make only once."""
    base = tmp_path_factory.getbasetemp()
    # Each worker's own directory lies in the run's.
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Shared(run / "shared")


@pytest.fixture(scope="session")
def trixie_inputs(
    trixie_go124_debs: list[Path], go1244_module_zip: Path, go124_source: Path
) -> tuple[str | Path, ...]:
    """Trixie's packages, upstream's file and the source package, as a check takes them."""
    source = next(go124_source.glob("*.dsc"))
    return (*trixie_go124_debs, "--upstream", go1244_module_zip, "--source", source)


@pytest.fixture(scope="session")
def trixie_report(shared: Shared, samego: Samego, trixie_inputs: tuple[str | Path, ...]) -> Path:
    """The report on trixie's packages, with their source package and without a rebuild."""

    def make(path: Path) -> None:
        done = samego("check", *trixie_inputs, "--format", "json", "-o", path)
        assert done.status == 1, done.stderr

    return shared.file("trixie.json", make)


@pytest.fixture(scope="session")
def trixie_rebuilt_report(
    shared: Shared, samego_home: Path, trixie_inputs: tuple[str | Path, ...]
) -> Path:
    """The same with every executable proven by the kept reference build, or by one built now."""

    def make(path: Path) -> None:
        rebuild = ("--rebuild", "--cache", reference_cache(cache_directory()))
        program = Samego(home=samego_home, patience=2 * 3600, uncovered=HEAVY)
        done = program("check", *rebuild, *trixie_inputs, "--format", "json", "-o", path)
        assert done.status == 0, done.stderr

    return shared.file("trixie-rebuilt.json", make)


@pytest.fixture(scope="session")
def sid_report(
    shared: Shared, samego: Samego, sid_go127_debs: list[Path], go1273_module_zip: Path
) -> Path:
    """The report on sid's packages: things that break, and paths that nothing accounts for."""

    def make(path: Path) -> None:
        given = ("--upstream", go1273_module_zip, "--format", "json", "-o", path)
        done = samego("check", *sid_go127_debs, *given)
        assert done.status == 1, done.stderr

    return shared.file("sid.json", make)
