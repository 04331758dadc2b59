from __future__ import annotations

from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.distro.unpackaged import Unpackaged, open_unpackaged
from samego.rules.layout import judge_added_file

MARK = ".unpacked-success"


def opened(goroot: Path) -> Unpackaged:
    (goroot / "pkg/tool/linux_amd64").mkdir(parents=True, exist_ok=True)
    (goroot / "pkg/tool/linux_amd64/vet").write_bytes(b"vet")
    (goroot / "VERSION").write_bytes(b"go1.26.10\n")
    work = goroot.parent
    with open_unpackaged(Request((str(goroot),), work, work)) as shipment:
        return shipment


def test_upstreams_own_archive_has_no_form(tmp_path: Path) -> None:
    assert opened(tmp_path / "go").notes == ()


@pytest.mark.parametrize(("data", "declared"), [(b"", True), (b"x", False)])
def test_what_golang_dl_leaves_is_declared_by_its_bytes(
    tmp_path: Path,
    data: bytes,
    declared: bool,  # noqa: FBT001 - a table of cases
) -> None:
    goroot = tmp_path / "sdk/go1.26.10"
    goroot.mkdir(parents=True)
    (goroot / MARK).write_bytes(data)
    shipment = opened(goroot)
    assert shipment.notes == ("read as golang.org/dl unpacks upstream's archive",)
    entry = shipment.read(frozenset())[MARK]
    assert (judge_added_file(entry, shipment.policy) is not None) is declared


def test_a_tool_cache_is_named(tmp_path: Path) -> None:
    goroot = tmp_path / "tools/go/1.26.10/x64"
    goroot.mkdir(parents=True)
    assert opened(goroot).notes == ()
    goroot.with_name("x64.complete").touch()
    assert opened(goroot).notes == ("read as a CI runner's tool cache has upstream's archive",)
