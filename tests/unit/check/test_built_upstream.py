"""A check of what no channel has: upstream's file is built here first, with a toy release."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samego.check import built_upstream
from samego.check.every import check_all
from samego.check.options import CheckOptions
from samego.check.run import check
from samego.compare.verdict import passes, verdict
from samego.distro.finders import System
from samego.errors import BuildError, ControlError, NetworkError, NotPostedError, SamegoError
from samego.formats.tree.disk_root import DiskRoot
from samego.model.proof import Standing
from samego.model.release import Release, Target
from samego.model.report import Report
from samego.model.survey import Surveyed
from samego.model.tree import Tree
from samego.rebuild import targets
from samego.rebuild.go_install import BuildPlace, go_install
from samego.rebuild.isolation import Built
from samego.rebuild.results import Rebuild
from samego.rebuild.run import RebuildOptions, rebuild
from samego.reference.job import ReferenceKind
from samego.report.headline import headline
from samego.report.json import render, to_object
from samego.report.load import loads
from samego.report.summary import Summary
from samego.report.text import render as render_text
from samego.system.progress import Progress, Silent
from samego.upstream.channels.interface import Posted
from support.godev_server import GoDev, file_row, release_row, serve
from support.toy_go import BUILD_GO, GO_SH, toy_source_archive
from support.toy_world import LINUX, NAME, World

ARM = Target("linux", "arm64")
ARCHIVE = f"{NAME}.linux-arm64.tar.gz"


class ToyWorld(World):
    """A world whose source knows linux-arm64; ``arm`` is the archive that it gives for that."""

    def __init__(self, directory: Path, godev: GoDev, arm: bytes = b"") -> None:
        super().__init__(directory, godev)
        self.arm = arm

    def use(self, go_sh: str) -> None:
        """Post the source."""
        known = BUILD_GO.replace('"linux/arm":', '"linux/arm64": true,\n\t"linux/arm":')
        self.source = toy_source_archive(self.directory, NAME, go_sh=go_sh, build_go=known)
        self.post(self.source.name, self.source.read_bytes())


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOPROXY", "off")
        patch.setenv("GOSUMDB", "off")
        yield


@pytest.fixture(scope="module")
def toy(alone: None, tmp_path_factory: pytest.TempPathFactory) -> ToyWorld:  # noqa: ARG001 - it is built there
    """What is posted for this machine, and what comes out for another: built once."""
    with serve(GoDev()) as godev:
        made = ToyWorld(tmp_path_factory.mktemp("toy"), godev)
        use(made, GO_SH)
        (target,) = made.rebuild(targets=(ARM,)).bootstraps[0].targets
        assert target.products is not None
        made.arm = target.products.files[ARCHIVE].path.read_bytes()
        return made


@pytest.fixture
def world(tmp_path: Path, toy: ToyWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyWorld]:
    """A go.dev with the source and the file of this machine, and not that of another."""
    with serve(GoDev()) as godev:
        made = ToyWorld(tmp_path, godev, toy.arm)
        made.use(GO_SH)
        for name, data in toy.posted.items():
            made.post(name, data)

        def built(options: RebuildOptions, progress: Progress) -> Rebuild:
            # No toy can be a release that upstream announced, with which it would be built.
            return rebuild(replace(options, bootstraps=(str(made.bootstrap),)), progress)

        monkeypatch.setattr("samego.rebuild.run.rebuild", built)
        yield made


def use(world: ToyWorld, go_sh: str) -> None:
    """Post a source, and what it gives for this machine."""
    world.use(go_sh)
    world.post_what_is_built(LINUX)
    shutil.rmtree(world.directory / "cache")


def package(world: ToyWorld, *, extra: bytes = b"") -> Path:
    """What a distro would have built for linux-arm64: a GOROOT."""
    place = world.directory / "goroot"
    with tarfile.open(fileobj=io.BytesIO(world.arm)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            path = place / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())
            path.chmod(member.mode)
    if extra:
        (place / "go/bin/go").write_bytes((place / "go/bin/go").read_bytes() + extra)
    return place / "go"


def run(
    world: ToyWorld, what: Path, *, build: bool = True, release: Release | None = None
) -> Report:
    kind = ReferenceKind.QUICK if build else None
    config = world.config()
    options = CheckOptions((str(what),), release=release, target=ARM, rebuild=kind, config=config)
    return check(options, Silent())


def test_what_nobody_confirms_is_used_and_told(world: ToyWorld) -> None:
    report = run(world, package(world))
    assert (verdict(report), passes(report), report.findings) == (Standing.EXPLAINED, True, ())
    assert "linux-arm64 as rebuilt here, which nobody confirms: explained, passes" in headline(
        Summary(report)
    )
    assert report.upstream.channel == "rebuild"
    assert report.upstream.url == ARCHIVE  # no path of this machine
    first, second = report.upstream.verified[:2]
    assert first.how == "rebuilt here from upstream's source, confirmed by nobody"
    assert "the same steps give upstream's own go1.24.99 for linux-amd64" in first.rests_on
    assert second.how == "its source: sha256 in the release index"
    assert f"{NAME} linux-arm64 was built here" in report.notes
    text = render_text(Summary(report))
    assert "rebuilt here from upstream's source, confirmed by nobody" in text
    assert "verified: rebuilt" not in text
    assert "building" in report.timings
    assert to_object(Summary(report))["upstream"]["confirmed"] is False  # type: ignore[index]
    data = render(Summary(report)).encode()
    assert loads(data, name="it") == loads(data, name="again")
    assert loads(data, name="it").upstream == report.upstream
    assert not passes(replace(report, required=Standing.EQUIVALENT))
    assert "nobody confirms" in headline(Summary(replace(report, required=Standing.EQUIVALENT)))


def test_a_report_that_hides_that_nobody_confirms_contradicts_itself(world: ToyWorld) -> None:
    data = json.loads(render(Summary(run(world, package(world)))))
    del data["upstream"]["confirmed"]
    with pytest.raises(SamegoError, match="contradicts itself: verdict"):
        loads(json.dumps(data).encode(), name="it")


def test_one_byte_in_the_package_does_not_pass(world: ToyWorld) -> None:
    report = run(world, package(world, extra=b"\n"))
    assert [finding.path for finding in report.findings] == ["bin/go"]
    assert (verdict(report), passes(report)) == (Standing.UNEXPLAINED, False)


def test_a_published_sum_confirms_what_was_built(world: ToyWorld) -> None:
    what = package(world)
    (target,) = world.rebuild(targets=(ARM,)).bootstraps[0].targets
    assert target.products is not None
    rows = [file_row(name, data) for name, data in world.posted.items()]
    stated = file_row(ARCHIVE, b"", sha256=target.products.files[ARCHIVE].sha256)
    world.godev.set_index(release_row(NAME, *rows, stated))
    shutil.rmtree(world.directory / "cache")
    report = run(world, what)
    assert (verdict(report), report.upstream.confirmed) == (Standing.IDENTICAL, True)
    assert [way.how for way in report.upstream.verified] == ["sha256 in the release index"]
    assert "as rebuilt here" not in headline(Summary(report))
    # A second run finds it among the channels.
    again = run(world, what, build=False)
    assert (verdict(again), again.upstream.channel) == (Standing.IDENTICAL, "rebuild")


def test_another_sum_than_that_of_what_was_built_is_no_verdict(world: ToyWorld) -> None:
    what = package(world)
    rows = [file_row(name, data) for name, data in world.posted.items()]
    world.godev.set_index(release_row(NAME, *rows, file_row(ARCHIVE, b"", sha256="0" * 64)))
    with pytest.raises(ControlError, match="is not what upstream posted") as caught:
        run(world, what)
    assert f"samego rebuild {NAME} --target linux-arm64" in caught.value.hint


def test_a_way_of_building_that_was_not_seen_to_work_proves_nothing(world: ToyWorld) -> None:
    what = package(world)
    del world.posted[f"{NAME}.linux-amd64.tar.gz"]
    world.post(world.source.name, world.source.read_bytes())
    with pytest.raises(ControlError, match="could not decide: no channel has") as caught:
        run(world, what)
    assert "nothing that was posted for linux-amd64 could be compared" in caught.value.message


def test_installing_that_gives_other_files_than_make_bash_proves_nothing(
    world: ToyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = package(world)

    def install(source: Tree, commands: Sequence[str], place: BuildPlace, *more: Any) -> Built:  # noqa: ANN401 - passed on
        built = go_install(source, commands, place, *more)
        own = place.goroot / "bin/go"
        own.write_bytes(own.read_bytes() + b"# wrong")
        return built

    monkeypatch.setattr(targets, "go_install", install)
    with pytest.raises(ControlError, match=r"go install and make\.bash build different files"):
        run(world, what)


def test_a_build_that_fails_says_nothing(world: ToyWorld) -> None:
    what = package(world)
    use(world, GO_SH.replace("install)", "install) exit 1"))
    with pytest.raises(BuildError, match="cannot be built here"):
        run(world, what)


def test_without_a_source_it_names_no_option_of_another_command(world: ToyWorld) -> None:
    what = package(world)
    with pytest.raises((NotPostedError, NetworkError)) as caught:
        run(world, what, release=Release.parse("go1.24.98"))
    error = caught.value
    assert error.message == (
        "no channel has go1.24.98 linux-arm64, and it cannot be built here: no channel has the"
        " source of go1.24.98"
    )
    assert "--source" not in error.hint
    assert "--upstream" in error.hint


def test_without_being_asked_nothing_is_built(world: ToyWorld) -> None:
    what = package(world)
    with pytest.raises((NotPostedError, NetworkError)) as caught:
        run(world, what, build=False)
    command = f"samego check --rebuild {what} --target linux-arm64"
    assert f"build it here from upstream's source: {command}; or name it" in caught.value.hint
    assert not (world.directory / "cache/rebuild").exists()


@pytest.mark.parametrize("build", [False, True])
def test_before_go1_21_it_says_that_no_build_can_stand_in(world: ToyWorld, *, build: bool) -> None:
    what = package(world)
    with pytest.raises((NotPostedError, NetworkError)) as caught:
        run(world, what, build=build, release=Release.parse("go1.20.14"))
    line = "no channel has go1.20.14 linux-arm64; upstream's binaries before go1.21 are not"
    assert caught.value.message.startswith(line)
    assert "sources and layout are compared with it then" in caught.value.hint
    assert not (world.directory / "cache/rebuild").exists()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Release]:
    """The release of each build that was started."""
    started: list[Release] = []

    def counted(release: Release, target: Target, candidates: Iterable[Path], *rest: Any) -> Posted:  # noqa: ANN401 - as they are
        started.append(release)
        return built_upstream.build_upstream(release, target, candidates, *rest)

    monkeypatch.setattr("samego.check.open_sides.build_upstream", counted)
    return started


def survey(world: ToyWorld, *, steps: str = GO_SH) -> Sequence[Surveyed]:
    """Two toolchains of one release, the first of them altered, with ``--rebuild``."""
    goroot, root, work = package(world), world.directory / "root", world.directory / "work"
    altered = shutil.copytree(goroot, root / "opt/go")
    (altered / "bin/go").write_bytes((altered / "bin/go").read_bytes() + b"\n")
    shutil.copytree(goroot, root / "usr/local/go")
    use(world, steps)
    work.mkdir()
    options = CheckOptions((), target=ARM, rebuild=ReferenceKind.QUICK, config=world.config())
    system = System(DiskRoot(root, name="/"), work)
    return check_all("it", (system,), options, work, Silent()).toolchains


def test_of_all_toolchains_of_a_release_it_is_built_once(
    world: ToyWorld, builds: list[Release]
) -> None:
    altered, genuine = (each.report for each in survey(world))
    assert altered is not None
    assert genuine is not None
    assert (passes(altered), passes(genuine), len(builds)) == (False, True, 1)
    assert [finding.path for finding in altered.findings] == ["bin/go"]
    assert ("building" in altered.timings, "building" in genuine.timings) == (True, False)
    assert not genuine.upstream.confirmed


def test_a_build_that_fails_is_tried_once_for_all(world: ToyWorld, builds: list[Release]) -> None:
    found = survey(world, steps=GO_SH.replace("install)", "install) exit 1"))
    errors = [str(each.error) for each in found]
    assert [f"upstream's {NAME} cannot be built here" in error for error in errors] == [True, True]
    assert len(builds) == 1
