"""``samego rebuild`` from the command line to the report, with a toy release."""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from samego.cli.main import main
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rebuild import target_control, targets
from samego.rebuild.compare_members import RebuildOutcome
from samego.rebuild.go_install import BuildPlace, go_install
from samego.rebuild.isolation import Built
from samego.rebuild.results import Rebuild, Verdict
from samego.rebuild.run import REBUILD_DIRECTORY
from samego.rebuild.source import open_source
from samego.rebuild.sources import announced_releases, posted_targets
from samego.report.rebuild import as_data, headline, render_json, render_text, schema
from samego.system.progress import Silent
from samego.upstream.open_tree import Opener
from support.godev_server import GoDev, serve
from support.toy_go import BUILD_GO, GO_SH, MAKE_BASH, toy_bootstrap, toy_source_archive
from support.toy_sources import posted
from support.toy_world import LINUX, NAME, RELEASE, WINDOWS, World, outcomes


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOSUMDB", "off")
    with serve(GoDev()) as godev:
        yield World(tmp_path, godev)


def test_what_upstream_posted_is_reproduced(world: World) -> None:
    world.post_what_is_built(LINUX, WINDOWS)
    shutil.rmtree(world.directory / "cache")
    result = world.rebuild(targets=(LINUX, WINDOWS), jobs=2)
    assert (result.verdict, result.verdict.exit_status) == (Verdict.REPRODUCED, 0)
    found = outcomes(result)
    assert found[f"{NAME}.linux-amd64.tar.gz"] == "reproduced"
    assert found[f"{NAME}.windows-amd64.zip"] == "reproduced"
    assert found[f"{NAME}.src.tar.gz"] == "reproduced"
    assert found[f"v0.0.1-{NAME}.linux-amd64.zip"] == "not_compared"
    assert result.agreement is None
    assert headline(result).startswith(f"{NAME}: reproduced")


def test_a_second_run_builds_nothing(world: World) -> None:
    first = world.rebuild(targets=(LINUX,)).bootstraps[0].targets[0].products
    result = world.rebuild(targets=(LINUX,))
    (bootstrap,) = result.bootstraps
    host, products = bootstrap.steps[0].host, bootstrap.targets[0].products
    assert host is not None
    assert products is not None
    assert (host.fresh, products.fresh) == (False, False)
    assert first is not None
    assert first.build == products.build
    shutil.rmtree(world.directory / "cache")
    anew = world.rebuild(targets=(LINUX,)).bootstraps[0].targets[0].products
    assert anew is not None
    assert anew.build != first.build
    assert "(built in an earlier run)" in render_text(result)


def test_another_file_than_was_posted_differs(world: World) -> None:
    name = f"{NAME}.linux-amd64.tar.gz"
    world.post_what_is_built(LINUX)
    changed = toy_source_archive(world.directory / "changed", NAME, code_go="package evil\n")
    world.post(changed.name, changed.read_bytes())
    shutil.rmtree(world.directory / "cache")  # with the index that it holds
    result = world.rebuild(targets=(LINUX,), source=str(changed))
    assert (result.verdict, result.verdict.exit_status) == (Verdict.DIFFERS, 1)
    assert outcomes(result)[name] == "differs"
    text = render_text(result)
    assert text.startswith(f"{NAME}: DIFFERS")
    assert "src/code.go" in text


def tampered(archive: bytes) -> bytes:
    """A toy's archive with another executable in it, and nothing else changed."""
    output = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as source,
        tarfile.open(fileobj=output, mode="w:gz") as changed,
    ):
        for member in source:
            data = source.extractfile(member)
            content = data.read() if data else b""
            content += b"evil" if member.name == "go/bin/go" else b""
            member.size = len(content)
            changed.addfile(member, io.BytesIO(content))
    return output.getvalue()


ARM = Target("linux", "arm64")


def with_arm(world: World, go_sh: str = GO_SH, make_bash: str = MAKE_BASH) -> Path:
    """A source that knows linux-arm64, whose make.bash gives what its install does."""
    path = toy_source_archive(
        world.directory / "arm",
        NAME,
        go_sh=go_sh,
        make_bash=make_bash,
        build_go=BUILD_GO.replace('"linux/arm":', '"linux/arm64": true,\n\t"linux/arm":'),
    )
    world.post(path.name, path.read_bytes())
    return path


def posted_names(*targets: Target) -> list[str]:
    return [f"{NAME}.{target.posted}.tar.gz" for target in targets]


def test_an_executable_of_the_host_that_differs_is_not_decided_by_its_own_build(
    world: World,
) -> None:
    world.post_what_is_built(LINUX)
    (name,) = posted_names(LINUX)
    world.post(name, tampered(world.posted[name]))
    shutil.rmtree(world.directory / "cache")
    result = world.rebuild(targets=(LINUX,))
    assert outcomes(result)[name] == "differs"
    assert (result.verdict, result.verdict.exit_status) == (Verdict.UNDECIDED, 2)
    text = render_text(result)
    assert "could not decide: this build method does not reproduce upstream's own files" in text
    assert "make.bash does not give what was posted for linux-amd64" in text
    assert "bin/go: " in text
    Draft202012Validator(schema()).validate(as_data(result))


def cross(world: World, source: Path) -> Rebuild:
    return world.rebuild(targets=(ARM,), source=str(source))


def post_built(world: World, source: Path, *targets: Target) -> None:
    for target in world.rebuild(targets=targets, source=str(source)).bootstraps[0].targets:
        (name,) = posted_names(target.target)
        assert target.products is not None
        world.post(name, target.products.files[name].path.read_bytes())
    shutil.rmtree(world.directory / "cache")


def test_a_tampered_file_of_another_target_is_accused_after_the_control(world: World) -> None:
    source = with_arm(world)
    post_built(world, source, LINUX, ARM)
    (name,) = posted_names(ARM)
    world.post(name, tampered(world.posted[name]))
    result = cross(world, source)
    assert (result.verdict, result.verdict.exit_status) == (Verdict.DIFFERS, 1)


def test_another_target_is_not_accused_where_the_host_does_not_come_out(world: World) -> None:
    source = with_arm(world)
    post_built(world, source, LINUX, ARM)
    for name in posted_names(LINUX, ARM):
        world.post(name, tampered(world.posted[name]))
    result = cross(world, source)
    assert (result.verdict, result.verdict.exit_status) == (Verdict.UNDECIDED, 2)
    assert "make.bash does not give what was posted for linux-amd64 either" in render_text(result)


#: A make.bash that installs another target's commands too, as cmd/dist does.
FOR_TARGETS = MAKE_BASH + (
    'if [ -n "$GOARCH" ]; then GOFLAGS="-trimpath -toy" GOARM=7 ./bin/go install cmd; fi\n'
)


@pytest.fixture
def wrong_install(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and installing gives other bytes than make.bash does."""

    def install(source: Tree, commands: Sequence[str], place: BuildPlace, *more: Any) -> Built:  # noqa: ANN401 - passed on
        built = go_install(source, commands, place, *more)
        for name in ("go", "linux_arm64/go"):
            if (file := place.goroot / "bin" / name).is_file():
                file.write_bytes(file.read_bytes() + b"# wrong")
        return built

    return lambda: monkeypatch.setattr(targets, "go_install", install)


def test_where_installing_is_wrong_the_targets_own_make_bash_decides(
    world: World, wrong_install: Callable[[], None]
) -> None:
    source = with_arm(world, make_bash=FOR_TARGETS)
    post_built(world, source, LINUX, ARM)
    wrong_install()
    told = Listener()
    (name,) = posted_names(ARM)
    result = world.rebuild(told, targets=(ARM,), source=str(source))
    assert outcomes(result)[name] == "reproduced"
    assert result.verdict is Verdict.REPRODUCED
    assert [line.rpartition(", ")[2] for line in told.stages if "linux-a" in line][-3:] == [
        "as the control",
        "as the control",
        "by its own make.bash",
    ]


def test_where_all_ways_are_wrong_nothing_is_said_of_upstreams_file(
    world: World, wrong_install: Callable[[], None]
) -> None:
    source = with_arm(world, make_bash=FOR_TARGETS)
    post_built(world, source, LINUX, ARM)
    for name in posted_names(LINUX, ARM):
        world.post(name, tampered(world.posted[name]))
    wrong_install()
    assert cross(world, source).verdict is Verdict.UNDECIDED


def test_a_wrong_install_is_named_with_what_it_does_not_give(
    world: World, wrong_install: Callable[[], None]
) -> None:
    source = with_arm(world)
    wrong_install()
    result = world.rebuild(targets=(LINUX,), source=str(source))
    host = result.bootstraps[0].steps[-1].host
    assert host is not None
    directory = world.directory / "cache" / REBUILD_DIRECTORY
    with closing(Spool(world.directory)) as spool:
        opener = Opener(IndexCache(directory / "index"), spool)
        given = open_source(posted(source, "source", NAME), opener)
        doubt = target_control.install_doubt(given, host, directory)
        again = target_control.install_doubt(given, host, directory)
    assert doubt.startswith(
        "go install and make.bash build different files for linux-amd64 (bin/go"
    )
    assert again == doubt


def test_with_nothing_to_compare_with_it_is_undecided(world: World) -> None:
    result = world.rebuild(targets=(WINDOWS,))
    assert outcomes(result)[f"{NAME}.windows-amd64.zip"] == "not_posted"
    assert outcomes(result)[f"{NAME}.src.tar.gz"] == "reproduced"  # which is no toolchain
    assert (result.verdict, result.verdict.exit_status) == (Verdict.UNDECIDED, 2)


def test_a_target_with_nothing_to_compare_with_is_named(world: World) -> None:
    world.post_what_is_built(LINUX)
    result = world.rebuild(targets=(LINUX, WINDOWS))
    assert headline(result) == (
        f"{NAME}: undecided: there was nothing to compare with"
        " for windows-amd64 (1 of 2 targets reproduced)"
    )


def test_a_build_that_fails_is_no_difference(world: World) -> None:
    broken = toy_source_archive(world.directory / "changed", NAME, make_bash="echo broken; exit 1")
    world.post(broken.name, broken.read_bytes())
    result = world.rebuild(source=str(broken))
    assert (result.verdict, result.verdict.exit_status) == (Verdict.FAILED, 2)
    text = render_text(result)
    assert "FAILED TO BUILD" in text
    assert "broken" in text
    assert "DIFFERS" not in text


def test_a_target_that_fails_is_told_beside_one_that_reproduces(world: World) -> None:
    failing = GO_SH.replace("install)", "install) [ $GOOS != windows ] || { echo no; exit 1; }")
    source = toy_source_archive(world.directory / "changed", NAME, go_sh=failing)
    world.post(source.name, source.read_bytes())
    shutil.rmtree(world.directory / "cache", ignore_errors=True)
    linux = world.rebuild(source=str(source), targets=(LINUX,)).bootstraps[0].targets[0]
    assert linux.products is not None
    name = f"{NAME}.linux-amd64.tar.gz"
    world.post(name, linux.products.files[name].path.read_bytes())
    result = world.rebuild(source=str(source), targets=(LINUX, WINDOWS), jobs=2)
    verdicts = [target.verdict for target in result.bootstraps[0].targets]
    assert verdicts == [Verdict.REPRODUCED, Verdict.FAILED]
    assert (result.verdict, result.verdict.exit_status) == (Verdict.FAILED, 2)
    text = render_text(result)
    assert "windows-amd64: FAILED TO BUILD: the build failed with status 1" in text
    assert f"reproduced    {name}" in text


def test_it_tells_what_it_does_how_long_that_took_and_will_take(world: World) -> None:
    told = Listener()
    world.rebuild(told, targets=(LINUX, WINDOWS))
    assert re.search(r"about 20 min of CPU and at most \d+ GB in ", "\n".join(told.notes))
    first, second = [line for line in told.stages if line.startswith("building go1.24.99 for")][1:]
    assert re.search(r"for linux-amd64 \(1 of 2, \d+ s so far, about \d+ s left\)$", first)
    assert re.search(r"for windows-amd64 \(2 of 2, \d+ s so far, about \d+ s left\)$", second)
    assert any(note.startswith("windows-amd64: ") for note in told.notes)


def test_it_estimates_what_earlier_runs_have_left(world: World) -> None:
    world.rebuild(targets=(LINUX,))
    told = Listener()
    world.rebuild(told, targets=(LINUX, WINDOWS))
    assert re.search(r"about 5 min of CPU and at most 2 GB in ", "\n".join(told.notes))
    again = Listener()
    world.rebuild(again, targets=(LINUX, WINDOWS))
    assert any(note.startswith("all of it was built before; it is in ") for note in again.notes)


class Listener(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def note(self, line: str) -> None:
        self.notes.append(line)


def test_bootstraps_that_give_the_same_agree(world: World) -> None:
    other = toy_bootstrap(world.directory / "other", "go1.23.1", salt="other")
    result = world.rebuild(bootstraps=(str(world.bootstrap), str(other)))
    assert (result.agreement, result.disagreeing) == (True, ())
    assert "2 bootstraps agree on every file" in headline(result)


def test_a_bootstrap_that_meddles_is_found(world: World) -> None:
    meddling = world.directory / "meddling"
    toy_bootstrap(meddling, salt="meddles")
    (meddling / "bin/evil").write_text("package evil\n", "utf-8")
    source = toy_source_archive(
        world.directory / "changed",
        NAME,
        make_bash=(MAKE_BASH + 'cp "$GOROOT_BOOTSTRAP/bin/evil" src/code.go || true\n'),
    )
    world.post(source.name, source.read_bytes())
    result = world.rebuild(source=str(source), bootstraps=(str(world.bootstrap), str(meddling)))
    assert (result.agreement, result.verdict) == (False, Verdict.DIFFERS)
    assert f"{NAME}.linux-amd64.tar.gz" in result.disagreeing
    assert "do not agree" in render_text(result)


def test_what_is_equivalent_is_not_told_as_the_same_bytes(world: World) -> None:
    world.post_what_is_built(LINUX)
    result = world.rebuild(targets=(LINUX,))
    (bootstrap,) = result.bootstraps
    (target,) = bootstrap.targets
    files = (replace(target.files[0], outcome=RebuildOutcome.EQUIVALENT), *target.files[1:])
    changed = replace(bootstrap, targets=(replace(target, files=files),))
    told = headline(replace(result, bootstraps=(changed,)))
    assert told.endswith("what upstream posted (1 file equivalent, not the same bytes)")


def test_the_files_go_where_the_user_wants_them(world: World) -> None:
    output = world.directory / "out"
    world.rebuild(targets=(LINUX,), output=output)
    names = sorted(path.name for path in output.iterdir())
    assert names[:2] == [f"{NAME}.linux-amd64.tar.gz", f"{NAME}.src.tar.gz"]


def test_every_target_of_the_source_is_meant_by_all(world: World) -> None:
    result = world.rebuild(every_target=True)
    built = [str(target.target) for target in result.bootstraps[0].targets]
    assert built == ["darwin-arm64", "linux-amd64", "linux-arm", "windows-amd64"]


def test_the_json_is_what_its_schema_says(world: World) -> None:
    data = json.loads(render_json(world.rebuild(targets=(LINUX,))))
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(data)
    assert (data["schema"], data["release"]) == ("samego.rebuild/1", NAME)
    step = data["bootstraps"][0]["steps"][0]
    assert step["environment"] == [
        "GOROOT_BOOTSTRAP",
        "GOTOOLCHAIN",
        "HOME",
        "LC_ALL",
        "PATH",
        "TMPDIR",
    ]
    del data["verdict"]
    assert list(Draft202012Validator(schema()).iter_errors(data)) != []


def test_a_failed_build_is_json_too(world: World) -> None:
    broken = toy_source_archive(world.directory / "changed", NAME, make_bash="exit 1")
    world.post(broken.name, broken.read_bytes())
    data = as_data(world.rebuild(source=str(broken)))
    Draft202012Validator(schema()).validate(data)
    assert data["verdict"] == "failed_to_build"


def run(world: World, *arguments: str) -> int:
    return main(["--cache", str(world.directory / "cache"), "-q", "rebuild", NAME, *arguments])


@pytest.fixture
def command(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SAMEGO_GODEV_URL", f"{world.godev.url}/dl")
    return world


def test_the_command_says_what_it_found(command: World, capsys: pytest.CaptureFixture[str]) -> None:
    command.post_what_is_built(LINUX)
    arguments = ["--bootstrap", str(command.bootstrap), "--source", str(command.source)]
    assert run(command, *arguments) == 0
    assert capsys.readouterr().out.startswith(f"{NAME}: reproduced")
    assert run(command, *arguments, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "reproduced"


@pytest.mark.parametrize("make_bash", ["", "exit 1"], ids=["it builds", "it fails"])
def test_json_has_no_place_of_the_machine(
    command: World, capsys: pytest.CaptureFixture[str], make_bash: str
) -> None:
    source = command.source
    if make_bash:
        source = toy_source_archive(command.directory / "other", NAME, make_bash=make_bash)
        command.post(source.name, source.read_bytes())
    given = ["--bootstrap", str(command.bootstrap), "--source", str(source)]
    assert run(command, *given, "--format", "json") == 2
    text = capsys.readouterr().out
    assert str(command.directory) not in text
    data = json.loads(text)
    Draft202012Validator(schema()).validate(data)
    assert data["bootstraps"][0]["origin"] == f"go1.22.6 in {command.bootstrap.name}"


def test_a_rebuilt_file_becomes_a_channel(
    command: World, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch = ["upstream", "fetch", NAME, "--target", "linux-amd64", "--channel", "rebuild"]
    options = ["--cache", str(command.directory / "cache"), "-q"]
    where = ["-o", str(command.directory)]
    assert main([*options, *fetch, *where]) == 2
    assert f"run 'samego rebuild {NAME} --target linux-amd64' first" in capsys.readouterr().err
    command.post_what_is_built(LINUX)
    command.rebuild(targets=(LINUX,))
    assert main([*options, *fetch, *where]) == 0
    assert "sha256 in the release index" in capsys.readouterr().out
    # What nobody vouches for any more is none: the announced sums do not know a toy.
    command.godev.set_index()
    fresh = command.directory / "fresh"
    shutil.copytree(command.directory / "cache/rebuild", fresh / "rebuild")
    assert main(["--cache", str(fresh), "-q", *fetch, *where]) == 2
    assert "no reachable source states its checksum" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "linux-sparc64"], "cannot be built for linux-sparc64"),
        (["--target", "nonsense"], "is not a Go target"),
        (["--jobs", "0"], "--jobs 0 is not possible"),
        (["--source", "nowhere"], "is not a channel, file or directory"),
        (["--bootstrap", "nothing-such"], "is not a bootstrap"),
        (["--bootstrap", "c"], "go1.4"),
    ],
    ids=["broken port", "target", "jobs", "source", "bootstrap", "c chain"],
)
def test_what_cannot_be_is_refused_in_words(
    command: World, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    given = ["--source", str(command.source), "--bootstrap", str(command.bootstrap)]
    if arguments[0] == "--bootstrap":
        given = given[:2]
    assert run(command, *given, *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_source_of_another_release_is_refused(
    command: World, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--source", str(command.source), "--bootstrap", str(command.bootstrap)]
    options = ["--cache", str(command.directory / "cache"), "-q", "rebuild", "go1.24.4"]
    assert main([*options, *arguments]) == 2
    assert f"is {NAME}, not go1.24.4" in capsys.readouterr().err


def test_a_source_that_nobody_vouches_for_is_refused(
    command: World, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = toy_source_archive(command.directory / "changed", NAME, code_go="package evil\n")
    arguments = ["--source", str(changed), "--bootstrap", str(command.bootstrap)]
    assert run(command, *arguments) == 2
    assert "sha256" in capsys.readouterr().err


def test_a_full_disk_is_found_before_the_first_build(
    command: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(command.directory)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    arguments = ["--source", str(command.source), "--bootstrap", str(command.bootstrap)]
    assert run(command, *arguments) == 2
    assert "0.0 GB left" in capsys.readouterr().err


def test_what_was_announced_tells_the_posted_targets() -> None:
    assert Target("linux", "arm") in posted_targets(Release.parse("go1.24.4"))
    assert Target("windows", "arm64") in posted_targets(Release.parse("go1.24.4"))
    assert Target("js", "wasm") not in posted_targets(Release.parse("go1.24.4"))
    assert posted_targets(RELEASE) == frozenset()
    releases = announced_releases()
    assert list(releases) == sorted(releases)
