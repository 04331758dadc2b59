"""``samego rebuild`` and the installers that upstream posts beside the archives."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.model.release import Target, archive_name, installer_name
from samego.rebuild.compare_files import FileResult
from samego.rebuild.results import Rebuild, Verdict
from samego.report.rebuild import render_json, render_text
from samego.words.causes import said
from support.godev_server import Fault, GoDev, serve
from support.installers import macos_pkg, msi
from support.toy_world import DARWIN, LINUX, RELEASE, WINDOWS, World, outcomes

BOTH = pytest.mark.parametrize("target", [DARWIN, WINDOWS], ids=str)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOSUMDB", "off")
    with serve(GoDev()) as godev:
        yield World(tmp_path, godev)


def files_of(archive: Path) -> dict[str, bytes]:
    """What an archive of go.dev/dl holds, by path below go/."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            return {name[3:]: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as tar:
        members = {member.name[3:]: tar.extractfile(member) for member in tar.getmembers()}
        return {name: file.read() for name, file in members.items() if file is not None}


def post_installer(world: World, target: Target, **changed: bytes) -> str:
    """Post a target's archive and its installer, with some files changed; its name."""
    world.post_what_is_built(target)
    archive = world.directory / archive_name(RELEASE, target)
    archive.write_bytes(world.posted[archive.name])
    files = {**files_of(archive), **changed}
    name = installer_name(RELEASE, target)
    make = macos_pkg if name.endswith(".pkg") else msi
    world.post(name, make(world.directory / name, files).read_bytes())
    return name


def file_result(result: Rebuild, name: str) -> FileResult:
    (target,) = result.bootstraps[0].targets
    return next(file for file in target.files if file.name == name)


@BOTH
def test_an_installer_of_what_is_rebuilt_is_equivalent(world: World, target: Target) -> None:
    name = post_installer(world, target)
    result = world.rebuild(targets=(target,))
    assert result.verdict is Verdict.REPRODUCED
    file = file_result(result, name)
    assert (file.outcome.value, file.sha256) == ("equivalent", "")
    assert len(file.posted) == 64
    assert file.verified
    text = render_text(result)
    assert f"equivalent    {name}: it installs the rebuilt files: all" in text
    assert "(1 file equivalent, not the same bytes)" in text
    (row,) = [
        row
        for row in json.loads(render_json(result))["bootstraps"][0]["targets"][0]["files"]
        if row["name"] == name
    ]
    assert (row["sha256"], row["size"], row["posted"]) == (None, None, file.posted)


@BOTH
def test_an_installer_of_something_else_makes_the_target_differ(
    world: World, target: Target
) -> None:
    name = post_installer(world, target, VERSION=b"go1.24.98\n")
    result = world.rebuild(targets=(target,))
    assert (result.verdict, result.verdict.exit_status) == (Verdict.DIFFERS, 1)
    assert outcomes(result)[archive_name(RELEASE, target)] == "reproduced"
    file = file_result(result, name)
    assert file.outcome.value == "differs"
    assert file.where[0].startswith("VERSION: ")


def test_without_msiextract_it_is_not_compared_and_not_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = post_installer(world, WINDOWS)
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool == "msiextract" else which(tool))
    result = world.rebuild(targets=(WINDOWS,))
    file = file_result(result, name)
    assert (result.verdict, file.outcome.value) == (Verdict.REPRODUCED, "not_compared")
    assert said(file.cause) == "msiextract is not installed (install msitools)"
    assert f"not compared  {name}: msiextract" in render_text(result)
    assert world.godev.asked(f"/dl/{name}") == []


@BOTH
def test_one_that_cannot_be_fetched_is_not_compared(world: World, target: Target) -> None:
    name = post_installer(world, target)
    world.godev.faults[f"/dl/{name}"] = Fault(status=404)
    result = world.rebuild(targets=(target,))
    file = file_result(result, name)
    assert (result.verdict, file.outcome.value) == (Verdict.REPRODUCED, "not_compared")
    assert "not available here" in said(file.cause)


def test_one_that_nobody_posts_is_not_told_of(world: World) -> None:
    world.post_what_is_built(DARWIN, LINUX)
    result = world.rebuild(targets=(DARWIN, LINUX))
    assert not [name for name in outcomes(result) if name.endswith((".pkg", ".msi"))]


def test_a_mirror_has_installers_too(world: World) -> None:
    name = post_installer(world, WINDOWS)
    mirror = world.directory / "mirror"
    mirror.mkdir()
    for posted, data in world.posted.items():
        (mirror / posted).write_bytes(data)
    index = world.godev.files["/dl/?mode=json&include=all"]
    (mirror / "index.json").write_bytes(index)
    shutil.rmtree(world.directory / "cache")
    config = replace(world.config(), mirror=mirror, offline=True)
    result = world.rebuild(targets=(WINDOWS,), config=config)
    assert file_result(result, name).outcome.value == "equivalent"
    assert result.verdict is Verdict.REPRODUCED
