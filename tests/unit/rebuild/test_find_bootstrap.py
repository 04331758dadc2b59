from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.release import Release
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.find_bootstrap import Finder
from samego.system.progress import Silent
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles
from support.godev_server import Fault, GoDev, file_row, release_row, serve, toolchain_archive
from support.toy_go import toy_bootstrap
from support.toy_sources import HOST

#: Releases that nobody announced.
KNOWN = [Release.parse(name) for name in ("go1.22.90", "go1.22.91", "go1.23.90")]
WANTED = Release.parse("go1.24.99")


@pytest.fixture
def godev(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoDev]:
    monkeypatch.setenv("GOPROXY", "off")
    with serve(GoDev()) as godev:
        yield godev


@pytest.fixture
def finder(godev: GoDev, tmp_path: Path, opener: Opener) -> Iterator[Finder]:
    config = Config(godev_url=f"{godev.url}/dl", cache_directory=tmp_path / "cache")
    with UpstreamFiles(config, index=opener.members) as upstream:
        yield Finder(tmp_path / "rebuild", config, upstream, opener, HOST)


def find(finder: Finder, name: str) -> Bootstrap:
    return finder.find(name, WANTED, KNOWN, Silent())


def post(godev: GoDev, *names: str) -> None:
    rows = []
    for name in names:
        files = {"bin/go": b"#!/bin/sh\n", "VERSION": f"{name}\n".encode()}
        archive, data = f"{name}.linux-amd64.tar.gz", toolchain_archive(name, files)
        godev.post(archive, data)
        rows.append(release_row(name, file_row(archive, data)))
    godev.set_index(*rows)


def test_upstreams_own_is_unpacked_and_can_be_run(godev: GoDev, finder: Finder) -> None:
    post(godev, "go1.22.90", "go1.23.90")
    found = find(finder, "upstream")
    assert found.version == Release.parse("go1.22.90")
    assert found.goroot is not None
    assert (found.goroot / "bin/go").stat().st_mode & 0o111 == 0o111
    assert found.origin.startswith("upstream's go1.22.90 for linux-amd64 (sha256 ")
    (file,) = found.files
    assert file.name == "go1.22.90.linux-amd64.tar.gz"
    assert f"(sha256 {file.sha256})" in found.origin
    assert file.url == f"{godev.url}/dl/{file.name}"
    assert find(finder, "upstream") == found


def test_without_a_release_that_can_be_had_each_cause_is_told(godev: GoDev, finder: Finder) -> None:
    post(godev)
    with pytest.raises(NotPostedError, match=r"go1\.22\.91: .*; go1\.22\.90: .*; go1\.23\.90: "):
        find(finder, "upstream")


def test_a_channel_that_does_not_answer_is_told_as_such(godev: GoDev, finder: Finder) -> None:
    godev.faults["/dl/?mode=json&include=all"] = Fault(status=500)
    with pytest.raises(NetworkError, match="no channel has a release that can build"):
        find(finder, "upstream")


def test_a_directory_is_taken_as_it_is(finder: Finder, tmp_path: Path) -> None:
    path = toy_bootstrap(tmp_path / "go")
    assert find(finder, str(path)).goroot == path


@pytest.mark.parametrize("name", ["", "nothing", "a,b"])
def test_what_nobody_recognises_is_refused(finder: Finder, name: str) -> None:
    with pytest.raises(InputError, match="is not a bootstrap"):
        find(finder, name)


def test_packages_for_another_machine_are_refused(finder: Finder, tmp_path: Path) -> None:
    path = tmp_path / "usr/lib/go-1.22"
    toy_bootstrap(path)
    (path / "pkg/tool/linux_arm64").mkdir(parents=True)
    with pytest.raises(InputError, match="is for linux-arm64, and this machine is linux-amd64"):
        find(finder, str(tmp_path))


def test_a_distros_own_go_is_a_bootstrap(finder: Finder, tmp_path: Path) -> None:
    path = tmp_path / "usr/lib/go-1.22"
    toy_bootstrap(path)
    (path / "pkg/tool/linux_amd64").mkdir(parents=True)
    found = find(replace(finder, directory=tmp_path / "r"), str(tmp_path))
    assert (found.version, found.origin) == (Release.parse("go1.22.6"), "debian's go1.22.6")
