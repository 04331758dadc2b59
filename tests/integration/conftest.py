"""Real inputs, fetched once and shared (see support/inputs.py for what and from where)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.cli import Samego
from support.inputs import Inputs, cache_directory


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
    return Samego(home=samego_home)
