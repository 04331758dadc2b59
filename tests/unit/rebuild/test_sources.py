"""Chains of builds: releases that nobody announced, in a directory with an index of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.release import Release
from samego.rebuild import sources as module
from samego.rebuild.bootstrap import from_directory
from samego.rebuild.results import Verdict
from samego.rebuild.run import RebuildOptions, rebuild
from samego.rebuild.sources import Sources
from samego.report.rebuild import as_data, render_text
from samego.system.progress import Silent
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles
from support.godev_server import file_row, release_row
from support.toy_go import toy_bootstrap, toy_source_archive
from support.toy_sources import HOST

STEPS = ("go1.20.90", "go1.21.90", "go1.23.89", "go1.23.90", "go1.24.99")
WANTED = Release.parse("go1.24.99")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that has the source of every step, and lists them."""
    monkeypatch.setenv("GOPROXY", "off")
    known = tuple(Release.parse(name) for name in STEPS)
    monkeypatch.setattr(module, "announced_releases", lambda: known)
    place = tmp_path / "sources"
    rows = []
    for name in STEPS:
        archive = toy_source_archive(place, name)
        rows.append(release_row(name, file_row(archive.name, archive.read_bytes())))
    (place / "index.json").write_text(json.dumps(rows), "utf-8")
    return place


@pytest.fixture
def upstream(tmp_path: Path, opener: Opener) -> Iterator[UpstreamFiles]:
    config = Config(offline=True, cache_directory=tmp_path / "cache")
    with UpstreamFiles(config, index=opener.members) as upstream:
        yield upstream


def found(
    upstream: UpstreamFiles, opener: Opener, named: str, release: Release = WANTED
) -> Sources:
    return Sources(release, named, upstream, opener, HOST, Silent())


def test_an_old_bootstrap_leads_there_step_by_step(
    directory: Path, upstream: UpstreamFiles, opener: Opener, tmp_path: Path
) -> None:
    bootstrap = from_directory(toy_bootstrap(tmp_path / "b", "go1.18"), name="old")
    steps = found(upstream, opener, str(directory)).plan(bootstrap)
    assert [str(step) for step in steps] == [
        "old builds go1.21.90",
        "go1.21.90 builds go1.23.90",
        "go1.23.90 builds go1.24.99",
    ]


def test_a_source_that_is_missing_makes_way_for_another(
    directory: Path, upstream: UpstreamFiles, opener: Opener, tmp_path: Path
) -> None:
    (directory / "go1.23.90.src.tar.gz").unlink()
    bootstrap = from_directory(toy_bootstrap(tmp_path / "b", "go1.20"), name="old")
    steps = found(upstream, opener, str(directory)).plan(bootstrap)
    assert [str(step.release) for step in steps] == ["go1.23.89", "go1.24.99"]


def test_where_no_way_is_left_it_says_what_was_refused(
    directory: Path, upstream: UpstreamFiles, opener: Opener, tmp_path: Path
) -> None:
    for name in STEPS[:-1]:
        (directory / f"{name}.src.tar.gz").unlink()
    bootstrap = from_directory(toy_bootstrap(tmp_path / "b", "go1.18"), name="old")
    with pytest.raises(
        NotPostedError, match=r"or a later one .*no channel has the source of go1\.21\.90"
    ):
        found(upstream, opener, str(directory)).plan(bootstrap)


def test_the_release_itself_must_be_there(
    directory: Path, upstream: UpstreamFiles, opener: Opener, tmp_path: Path
) -> None:
    (directory / "go1.24.99.src.tar.gz").unlink()
    bootstrap = from_directory(toy_bootstrap(tmp_path / "b"), name="old")
    with pytest.raises(NetworkError, match=r"no channel has the source of go1\.24\.99"):
        found(upstream, opener, str(directory)).plan(bootstrap)


def test_a_channel_is_asked_alone(upstream: UpstreamFiles, opener: Opener) -> None:
    with pytest.raises(NetworkError) as caught:
        found(upstream, opener, "go.dev/dl").get(WANTED)
    assert "GOPROXY" not in caught.value.message


def test_what_is_no_source_is_refused(upstream: UpstreamFiles, opener: Opener) -> None:
    with pytest.raises(InputError, match="is not a channel, file or directory"):
        found(upstream, opener, "nowhere/to/be/found").get(WANTED)


def chain(directory: Path, tmp_path: Path, *bootstraps: str) -> RebuildOptions:
    config = Config(offline=True, cache_directory=tmp_path / "cache", mirror=directory)
    return RebuildOptions(WANTED, source=str(directory), bootstraps=bootstraps, config=config)


def test_a_chain_and_a_single_build_agree(directory: Path, tmp_path: Path) -> None:
    old = toy_bootstrap(tmp_path / "old", "go1.18")
    new = toy_bootstrap(tmp_path / "new", "go1.22.6")
    result = rebuild(chain(directory, tmp_path, str(old), str(new)), Silent())
    assert [len(each.steps) for each in result.bootstraps] == [3, 1]
    # Nobody posted the archive, so that agreement is all that there is.
    assert (result.agreement, result.verdict) == (True, Verdict.UNDECIDED)
    assert [step["by"] for step in as_data(result)["bootstraps"][0]["steps"]] == [
        old.name,  # a result does not say where it lies
        "go1.21.90",
        "go1.23.90",
    ]
    assert "go1.21.90 builds go1.23.90: " in render_text(result)


def test_a_step_that_does_not_build_ends_its_chain_alone(directory: Path, tmp_path: Path) -> None:
    broken = toy_source_archive(directory, "go1.21.90", make_bash="echo broken; exit 1")
    rows = json.loads((directory / "index.json").read_text("utf-8"))
    rows[1] = release_row("go1.21.90", file_row(broken.name, broken.read_bytes()))
    (directory / "index.json").write_text(json.dumps(rows), "utf-8")
    old = toy_bootstrap(tmp_path / "old", "go1.18")
    new = toy_bootstrap(tmp_path / "new", "go1.22.6")
    result = rebuild(chain(directory, tmp_path, str(old), str(new)), Silent())
    assert [each.verdict for each in result.bootstraps] == [Verdict.FAILED, Verdict.UNDECIDED]
    assert (result.agreement, result.verdict.exit_status) == (None, 2)
    assert "go1.21.90: FAILED TO BUILD" in render_text(result)
