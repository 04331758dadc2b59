"""libalpm's packages are asked and freed only while their handle is there."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest

from samego_arch.package import alpm


class Handle:
    """As pyalpm's: what it gives does not keep it."""

    def __init__(self, *_places: str) -> None:
        self.freed: list[bool] = []

    def load_pkg(self, _path: str) -> Package:
        return Package(self)

    def get_localdb(self) -> Handle:
        return self

    def get_pkg(self, _name: str) -> Package:
        return Package(self)


class Package:
    """Notes when it is asked without its handle, as libalpm would write into freed memory."""

    asked_alone: bool = False
    freed_alone: bool = False

    def __init__(self, handle: Handle) -> None:
        self._handle = weakref.ref(handle)

    def __getattr__(self, name: str) -> object:
        type(self).asked_alone |= self._handle() is None
        return 0 if name == "builddate" else []

    def __del__(self) -> None:
        type(self).freed_alone |= self._handle() is None


@pytest.mark.parametrize("what", ["file", "installed"])
def test_a_handle_outlives_its_packages(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Package, "asked_alone", False)
    monkeypatch.setattr(Package, "freed_alone", False)
    monkeypatch.setattr(alpm, "pyalpm", lambda: SimpleNamespace(Handle=Handle, error=OSError))
    if what == "file":
        alpm.load_package(tmp_path / "go.pkg.tar.zst", tmp_path)
    else:
        alpm.installed_package(tmp_path, tmp_path, "go")
    gc.collect()
    assert (Package.asked_alone, Package.freed_alone) == (False, False)
