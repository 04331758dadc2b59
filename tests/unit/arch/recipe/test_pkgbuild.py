"""The recipe of a package: found, compared with .BUILDINFO and with the package."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import InputError, VerificationError
from support.arch_packages import ArchMaker
from support.pkgbuilds import PATCH, opened, recipe, written

Requests = Callable[..., Request]


def test_another_recipe_by_hand_is_an_error(
    maker: ArchMaker, request_for: Requests, tmp_path: Path
) -> None:
    package = written(maker, recipe(), tmp_path / "source")
    (tmp_path / "source/PKGBUILD").write_bytes(recipe("true"))
    with pytest.raises(VerificationError, match="not the PKGBUILD that the package was built") as e:
        opened(request_for(package, source=tmp_path / "source"))
    assert hashlib.sha256(recipe()).hexdigest() in e.value.message
    assert hashlib.sha256(recipe("true")).hexdigest() in e.value.message


def test_another_recipe_beside_is_told(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe())
    (maker.directory / "PKGBUILD").write_bytes(recipe("true"))
    shipment = opened(request_for(package))
    assert "is another PKGBUILD than the one" in shipment.notes[0]
    assert shipment.inputs.settings == {}
    assert shipment.inputs.patches == ()


def test_a_recipe_of_another_version(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe(version="1.24.8"))
    with pytest.raises(VerificationError, match=r"of version 2:1\.24\.8-1, the package of"):
        opened(request_for(package))


def test_the_recipe_of_another_package(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe().replace(b"pkgname=go", b"pkgname=go-tools"))
    with pytest.raises(InputError, match="is the recipe of 'go-tools'"):
        opened(request_for(package))


def test_a_patch_that_is_another(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe())
    (maker.directory / "a.patch").write_bytes(PATCH + b"\n")
    with pytest.raises(
        VerificationError, match=r"a\.patch is not the file that the PKGBUILD lists"
    ):
        opened(request_for(package))


def test_without_makepkg_it_is_told(
    maker: ArchMaker, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    shipment = opened(request_for(written(maker, recipe())))
    assert shipment.inputs.settings == {}
    assert "PKGBUILD was not replayed (makepkg is not installed)" in shipment.notes[0]


@pytest.mark.parametrize("name", ["missing", "PKGBUILD/x"])
def test_no_recipe_there(
    maker: ArchMaker, request_for: Requests, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match="there is no PKGBUILD"):
        opened(request_for(maker.write(), source=tmp_path / name))
