"""The recipe beside a package, run by makepkg in the sandbox: its settings and patches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.model.policy import merge_settings
from support.arch_packages import ArchMaker
from support.pkgbuilds import PATCH, opened, recipe, written
from support.requesting import requester

Requests = Callable[..., Request]


@pytest.fixture
def maker(tmp_path: Path) -> ArchMaker:
    directory = tmp_path / "packages"
    directory.mkdir()
    return ArchMaker(directory)


@pytest.fixture
def request_for(tmp_path: Path) -> Requests:
    return requester(tmp_path)


def test_a_recipe_beside_the_package(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe())))
    assert shipment.inputs.settings == {"GOEXPERIMENT": "nodwarf5"}
    (patch,) = shipment.inputs.patches
    assert (patch.name, patch.data, patch.exact) == ("a.patch", PATCH, True)
    assert patch.origin == "PKGBUILD of 2:1.24.9-1"
    assert shipment.inputs.origins["settings"] == "PKGBUILD of 2:1.24.9-1"
    assert shipment.notes == ()
    assert shipment.policy.settings == ()  # the recipe says it all


@pytest.mark.parametrize("name", ["", "PKGBUILD"])
def test_a_recipe_given_by_hand(
    maker: ArchMaker, request_for: Requests, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "source"
    package = written(maker, recipe(), source)
    (source / "go1.24.9.src.tar.gz").write_bytes(b"x")
    shipment = opened(request_for(package, source=source / name))
    assert shipment.inputs.settings == {"GOEXPERIMENT": "nodwarf5"}
    assert shipment.source_archive == source / "go1.24.9.src.tar.gz"


def test_bash_decides_what_is_set(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe("export GOARCH=$(echo amd64) GOARM=$'7'"))))
    assert shipment.inputs.settings == {"GOARM": "7", "GOEXPERIMENT": "nodwarf5"}
    assert shipment.notes == ()


def test_a_build_that_does_not_come_to_make_bash(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe("return 0"))))
    assert shipment.inputs.settings == {}
    assert "was not replayed: build() did not reach make.bash" in shipment.notes[0]
    assert merge_settings(shipment.policy, shipment.inputs.settings)["GOAMD64"] == "v1"


def test_a_patch_that_is_not_there(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe())
    (maker.directory / "a.patch").unlink()
    shipment = opened(request_for(package))
    assert shipment.inputs.patches == ()
    assert shipment.notes == ("a.patch is not beside the PKGBUILD that lists it",)


def test_a_patch_without_a_checksum(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe(digest="SKIP"))))
    assert shipment.inputs.patches == ()
    assert shipment.notes == ("a.patch of the PKGBUILD is not taken: it has no checksum",)


def test_nothing_runs_outside_the_sandbox(
    maker: ArchMaker, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o777)
    monkeypatch.chdir(empty)
    data = recipe(f"touch {empty}/a || true") + f"x=$(touch {empty}/b || :)\n".encode()
    assert opened(request_for(written(maker, data))).inputs.settings == {"GOEXPERIMENT": "nodwarf5"}
    assert list(empty.iterdir()) == []
