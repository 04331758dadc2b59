from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from samego.distro.finders import Found, System
from samego.distro.interface import Request, Shipment
from samego.errors import ToolError
from samego.formats.tree.disk_root import DiskRoot
from samego.formats.tree.root import PathStatus
from samego.machine.find import Finds, find_toolchains


def toolchain(goroot: Path, version: str = "go1.24.4", target: str = "linux_amd64") -> Path:
    (goroot / "bin").mkdir(parents=True)
    (goroot / "bin/go").write_bytes(b"\x7fELF")
    (goroot / f"pkg/tool/{target}").mkdir(parents=True)
    (goroot / f"pkg/tool/{target}/asm").write_bytes(b"\x7fELF")
    (goroot / "VERSION").write_text(f"{version}\n")
    return goroot


def unused(_request: Request) -> AbstractContextManager[Shipment]:
    raise AssertionError


class Plugin:
    name = "alder"

    def __init__(self, *found: Found, error: ToolError | None = None) -> None:
        self._found = found
        self._error = error

    def toolchains(self, system: System, request: Request) -> Iterable[Found]:
        del system, request
        if self._error is not None:
            raise self._error
        return self._found


def finds(root: Path, *plugins: Plugin, **variables: str) -> Finds:
    system = System(DiskRoot(root, name="/"), root / "work", variables=variables)
    return find_toolchains(system, plugins, Request((), root, root))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("ann:x:1:1::/srv/ann:/bin/sh\nbad\n")
    return root


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("usr/local/go", "unpacked archive"),
        ("usr/local/go1.22", "unpacked archive"),
        ("srv/ann/sdk/go1.24.4", "golang.org/dl"),
        ("home/bob/sdk/go1.24.4", "golang.org/dl"),
        ("root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64", "module cache"),
        ("opt/hostedtoolcache/go/1.24.4/x64", "tool cache"),
        ("home/bob/.asdf/installs/golang/1.24.4/go", "version manager"),
        ("opt/homebrew/Cellar/go/1.24.4/libexec", "Homebrew"),
        ("usr/lib/golang", "distribution"),
        ("ci/tools/go/1.24.4/x64", "tool cache"),
        ("gopath/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64", "module cache"),
        ("two/pkg/mod/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64", "module cache"),
        ("mods/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64", "module cache"),
        ("somewhere", "GOROOT"),
        ("elsewhere/inst", "PATH"),
    ],
)
def test_a_toolchain_is_found_in_each_place(place: str, found: str, root: Path) -> None:
    toolchain(root / place)
    (root / "srv/ann/.config/go").mkdir(parents=True)
    (root / "srv/ann/.config/go/env").write_text("GOMODCACHE=/mods\nGOPROXY=off\n")
    survey = finds(
        root,
        RUNNER_TOOL_CACHE="/ci/tools",
        GOPATH="/gopath:/two:relative",
        GOROOT="/somewhere",
        PATH="/elsewhere/inst/bin:bin:",
    )
    (one,) = survey.toolchains
    assert (one.goroot, one.found) == (place, found)
    assert one.claims == "go1.24.4 linux-amd64"
    assert not survey.unread
    assert not survey.strays


def test_ways_to_one_toolchain_are_one_toolchain(root: Path) -> None:
    toolchain(root / "opt/go1.24.4")
    (root / "usr/local").mkdir(parents=True)
    (root / "usr/local/go").symlink_to("/opt/go1.24.4")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/go").symlink_to("../local/go/bin/go")
    survey = finds(root)
    (one,) = survey.toolchains
    assert one.goroot == "opt/go1.24.4"
    assert one.also == ("/usr/local/go", "/usr/bin/go")


def test_no_link_leads_to_a_toolchain_of_the_machine(root: Path, tmp_path: Path) -> None:
    toolchain(tmp_path / "machine/go")
    (root / "usr/local").mkdir(parents=True)
    (root / "usr/local/go").symlink_to(tmp_path / "machine/go")
    (root / "home").symlink_to("../machine")
    (root / "usr/bin").symlink_to(tmp_path / "machine/go/bin")
    survey = finds(root, GOROOT=f"../../{tmp_path}/machine/go", GOPATH=str(tmp_path / "machine"))
    assert not survey.toolchains


def test_what_a_plugin_knows_is_its_own_and_once(root: Path) -> None:
    toolchain(root / "usr/lib/go")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/go").symlink_to("../lib/go/bin/go")
    survey = finds(root, Plugin(Found("usr/lib/go", "go 1.24.4-1", unused)))
    (one,) = survey.toolchains
    assert (one.found, one.claims, one.also) == ("alder", "go 1.24.4-1", ("/usr/bin/go",))
    assert one.stated == "go1.24.4 linux-amd64"


def test_a_plugin_that_cannot_tell_keeps_nothing_else_from_being_found(root: Path) -> None:
    toolchain(root / "usr/lib/go")
    error = ToolError("alder-query is missing", hint="install it")
    survey = finds(root, Plugin(error=error))
    assert [one.found for one in survey.toolchains] == ["distribution"]
    assert survey.failed == (("alder", error),)


def test_a_go_command_in_no_goroot_is_named(root: Path) -> None:
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/go").write_bytes(b"#!/bin/sh\n")
    (root / "root/go/bin").mkdir(parents=True)
    (root / "root/go/src").mkdir()
    survey = finds(root)
    assert survey.strays == ("/usr/bin/go",)
    assert not survey.toolchains


def test_one_without_its_version_is_found(root: Path) -> None:
    (toolchain(root / "usr/local/go") / "VERSION").unlink()
    (one,) = finds(root).toolchains
    assert one.claims == "no readable VERSION"


def test_a_home_that_cannot_be_entered_is_told_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain(root / "home/bob/sdk/go1.24.4")
    lstat = DiskRoot.lstat

    def refuse(self: DiskRoot, path: str) -> PathStatus | None:
        if path.startswith("home/bob/"):
            raise PermissionError(13, "Permission denied")
        return lstat(self, path)

    monkeypatch.setattr(DiskRoot, "lstat", refuse)
    assert finds(root).unread == (("/home/bob", "Permission denied"),)


def test_what_cannot_be_looked_at_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toolchain(root / "usr/local/go")
    (root / "home/bob/sdk").mkdir(parents=True)
    names = DiskRoot.names

    def refuse(self: DiskRoot, path: str) -> Iterable[str]:
        if path == "home/bob/sdk":
            raise PermissionError(13, "Permission denied")
        return names(self, path)

    monkeypatch.setattr(DiskRoot, "names", refuse)
    survey = finds(root)
    assert survey.unread == (("/home/bob/sdk", "Permission denied"),)
    assert len(survey.toolchains) == 1
