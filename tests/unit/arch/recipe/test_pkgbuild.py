"""The recipe of a package: compared with .BUILDINFO, run up to make.bash, with its patches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.interface import Request, Shipment
from samego.errors import InputError, VerificationError
from samego.model.policy import merge_settings
from samego_arch import DISTRO
from support.arch_packages import ArchMaker

Requests = Callable[..., Request]
PATCH = b"--- a/src/main.go\n+++ b/src/main.go\n@@ -1 +1 @@\n-package main\n+package other\n"
DIGEST = hashlib.sha256(PATCH).hexdigest()


def recipe(extra: str = "", *, digest: str = DIGEST, version: str = "1.24.9") -> bytes:
    return (
        f"pkgname=go\nepoch=2\npkgver={version}\npkgrel=1\narch=(x86_64)\n"
        f"source=(https://go.dev/dl/go{version}.src.tar.gz a.patch)\nsha256sums=(SKIP {digest})\n"
        "prepare() {\n  cd go\n  patch -p1 -i ../a.patch\n}\n"
        f"build() {{\n  export GOEXPERIMENT=nodwarf5\n  {extra}\n  cd go/src\n  ./make.bash\n}}\n"
        "package() { :; }\n"
    ).encode()


def written(maker: ArchMaker, data: bytes, where: Path | None = None) -> Path:
    """A package that was built from this recipe, which lies beside it or elsewhere."""
    place = where or maker.directory
    place.mkdir(exist_ok=True)
    (place / "PKGBUILD").write_bytes(data)
    (place / "a.patch").write_bytes(PATCH)
    return replace(maker, pkgbuild_sha256=hashlib.sha256(data).hexdigest()).write()


def opened(request: Request) -> Shipment:
    with DISTRO.open(request) as shipment:
        return shipment


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


def test_bash_decides_what_is_set(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe("export GOARCH=$(echo amd64) GOARM=$'7'"))))
    assert shipment.inputs.settings == {"GOARM": "7", "GOEXPERIMENT": "nodwarf5"}
    assert shipment.notes == ()


def test_a_build_that_does_not_come_to_make_bash(maker: ArchMaker, request_for: Requests) -> None:
    shipment = opened(request_for(written(maker, recipe("return 0"))))
    assert shipment.inputs.settings == {}
    assert "was not replayed: build() did not reach make.bash" in shipment.notes[0]
    assert merge_settings(shipment.policy, shipment.inputs.settings)["GOAMD64"] == "v1"


def test_a_patch_that_is_another(maker: ArchMaker, request_for: Requests) -> None:
    package = written(maker, recipe())
    (maker.directory / "a.patch").write_bytes(PATCH + b"\n")
    with pytest.raises(
        VerificationError, match=r"a\.patch is not the file that the PKGBUILD lists"
    ):
        opened(request_for(package))


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
