"""What is an input: a toy release with a leak in it, and a real program."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samego.inputs.kept import DIRECTORY
from samego.inputs.rebuild_varied import rebuild_varied
from samego.inputs.result import InputsResult, InputsVerdict
from samego.inputs.run import try_inputs
from samego.inputs.workshop import InputsOptions
from samego.rebuild.results import Rebuild, Verdict
from samego.rebuild.run import RebuildOptions
from samego.report.inputs import render_json, render_text
from samego.report.rebuild import render_json as rebuild_json
from samego.report.rebuild import render_text as render_rebuild
from samego.system.progress import Silent
from support.cli import Samego
from support.godev_server import GoDev, serve, toolchain_archive
from support.toy_go import toy_source_archive
from support.toy_inputs import bootstrap, build_probe, leaking
from support.toy_world import LINUX, NAME, RELEASE, World

pytestmark = pytest.mark.network
#: What a build may let slip, and the variation that shows it.
LEAKS = {
    "build_path": 'echo "$root"',
    "domain_host": "uname -n",
    "user_group": "id -u",
    "home": 'echo "$HOME"',
    "environment": 'echo "$CAPTURE_ENVIRONMENT"',
    "locales": 'echo "$LC_ALL"',
    "timezone": "date +%z",
    "umask": "umask",
    "num_cpus": "nproc",
    "parallelism": 'echo "$GOMAXPROCS"',
    "kernel": "uname -r",
    "aslr": "echo $((0x$(cat /proc/self/personality) & 0x40000))",
    "exec_path": 'echo "$PATH"',
    "file_system": 'stat --file-system --format=%t "$root"',
    "fileordering": 'ls -U "$root/src"',
    "timestamps": 'stat --format=%Y "$root/VERSION"',
    "bootstrap": "/bootstrap/bin/go version",
}
#: One for each way in which surroundings are made; the others take as long again.
QUICK = ("build_path", "domain_host", "timezone", "kernel", "fileordering", "bootstrap")


@pytest.fixture(scope="module")
def program(go1244_module_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The probe, built by upstream's go1.24.4."""
    root = tmp_path_factory.mktemp("go")
    with zipfile.ZipFile(go1244_module_zip) as archive:
        archive.extractall(root)
    (goroot,) = root.glob("golang.org/*")
    for kept in goroot.rglob("_go.mod"):
        kept.rename(kept.with_name("go.mod"))
    for path in (*goroot.glob("bin/*"), *goroot.glob("pkg/tool/*/*")):
        path.chmod(0o755)
    return build_probe(goroot, tmp_path_factory.mktemp("probe"))


class Toy:
    """A toy release with a leak, and what is posted of it."""

    def __init__(self, directory: Path, godev: GoDev, program: Path) -> None:
        self._world = World(directory, godev)
        self._directory = directory
        self._bootstraps = (
            str(bootstrap(directory / "one", program)),
            str(bootstrap(directory / "two", program, "go1.23.4")),
        )

    def run(self, leak: str) -> InputsResult:
        """Post what the plain build gives, and vary everything."""
        return self._try(self._posted(leak))

    def rebuild(self, leak: str) -> Rebuild:
        """Post what the plain build gives, and rebuild it with everything varied."""
        return self._rebuild(self._posted(leak))

    def rebuild_another(self) -> Rebuild:
        """Post what no build gives, and rebuild with everything varied."""
        source = self._posted("true")
        name = f"{NAME}.{LINUX}.tar.gz"
        self._world.post(name, toolchain_archive(NAME, {"bin/go": b"another"}))
        return self._rebuild(source)

    def _posted(self, leak: str) -> Path:
        source = toy_source_archive(self._directory / "leaking", NAME, **leaking(leak))
        self._world.post(source.name, source.read_bytes())
        first = self._try(source)
        assert first.verdict is InputsVerdict.UNDECIDED  # nothing is posted yet
        for path in (self._world.config().cache_directory / DIRECTORY).glob("experiments/*/go*"):
            self._world.post(path.name, path.read_bytes())
        return source

    def _rebuild(self, source: Path) -> Rebuild:
        options = RebuildOptions(
            RELEASE,
            source=str(source),
            bootstraps=self._bootstraps[:1],
            config=self._world.config(),
        )
        return rebuild_varied(options, Silent())

    def _try(self, source: Path) -> InputsResult:
        options = InputsOptions(
            RELEASE,
            source=str(source),
            bootstraps=self._bootstraps,
            config=self._world.config(),
        )
        return try_inputs(options, Silent())


@pytest.fixture
def toy(tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOSUMDB", "off")
    with serve(GoDev()) as godev:
        yield Toy(tmp_path, godev, program)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in LEAKS],
)
def test_a_leak_is_found_and_named(toy: Toy, name: str) -> None:
    result = toy.run(LEAKS[name])
    (target,) = result.targets
    # No file system lists its files as another one does: that one alone shows both.
    culprit, along = ("file_system", (name,)) if name == "fileordering" else (name, target.along)
    assert (result.verdict, target.culprits) == (InputsVerdict.DIFFERS, (culprit,)), target
    assert target.along == along
    assert [line.partition(":")[0] for line in target.where] == ["bin/go"]
    text = render_text(result)
    assert name in text.partition("changes what is built")[0]
    assert "THE BYTES" in text


def test_a_build_without_a_leak_gives_the_posted_bytes_twice(toy: Toy) -> None:
    result = toy.run("true")
    (target,) = result.targets
    assert (result.verdict, target.culprits) == (InputsVerdict.SAME, ())
    rows = {row["name"]: row for row in json.loads(render_json(result))["targets"][0]["variations"]}
    unseen = {name: row["not_varied_because"] for name, row in rows.items() if not row["seen"]}
    # The toy's tools are for no architecture, and it has no runtime.
    assert unseen["host_arch"] == "the probe did not see it"
    assert set(unseen) == {"host_arch", "time"}
    assert "not varied here, so nothing is said of them" in render_text(result)


def test_a_rebuild_in_varied_surroundings_says_what_was_varied(toy: Toy) -> None:
    result = toy.rebuild("true")
    (target,) = result.bootstraps[0].targets
    assert result.verdict is Verdict.REPRODUCED, render_rebuild(result)
    unseen = {row.name: row.unseen for row in target.variations if row.unseen}
    assert set(unseen) == {"bootstrap", "host_arch", "time"}
    assert unseen["bootstrap"] == "it is the one that was asked for"
    text = render_rebuild(result)
    assert f"{len(target.variations) - 3} things varied, as a probe saw: build_path," in text
    rows = json.loads(rebuild_json(result))["bootstraps"][0]["targets"][0]["variations"]
    assert {row["name"] for row in rows if row["seen"]} == {
        row.name for row in target.variations if not row.unseen
    }


def test_a_rebuild_that_differs_in_varied_surroundings_alone_is_named(toy: Toy) -> None:
    result = toy.rebuild(LEAKS["timezone"])
    assert result.verdict is Verdict.DIFFERS, render_rebuild(result)
    assert result.notes[-1] == f"'samego inputs {RELEASE}' finds what changes the bytes"


def test_a_rebuild_that_differs_in_plain_surroundings_too_accuses_nobody(toy: Toy) -> None:
    result = toy.rebuild_another()
    (target,) = result.bootstraps[0].targets
    assert result.verdict is Verdict.UNDECIDED
    assert target.doubt == "what is built in plain surroundings is not what was posted either"


@pytest.mark.parametrize("option", [("--jobs", "2"), ("--target", "all"), ("-o", "out")])
def test_a_varied_rebuild_builds_nothing_at_the_same_time(
    samego: Samego, option: tuple[str, str]
) -> None:
    result = samego("rebuild", "go1.24.4", "--vary", *option)
    assert result.status == 2
    assert "hint: name the targets, without --jobs and -o" in result.stderr


@pytest.mark.long  # it builds a whole Go twice; the toy goes the same way
def test_upstreams_gofmt_is_the_same_whatever_is_varied(samego: Samego, tmp_path: Path) -> None:
    written = tmp_path / "inputs.json"
    command = (
        "inputs",
        "go1.24.4",
        "--program",
        "cmd/gofmt",
        "--format",
        "json",
        "-o",
        str(written),
    )
    result = samego(*command, "--without", "host_arch")  # it takes a minute more
    assert (result.status, result.stdout) == (0, ""), result.stderr
    found: dict[str, Any] = json.loads(written.read_text())
    (target,) = found["targets"]
    assert found["verdict"] == "same_bytes"
    assert target["plain"]["files"] == target["varied"]["files"]
    seen = {row["name"] for row in target["variations"] if row["seen"]}
    assert len(seen) == len(target["variations"]) - 3  # bootstrap, host_arch, time


def test_a_variation_that_is_not_there_is_refused(samego: Samego) -> None:
    result = samego("inputs", "go1.24.4", "--without", "moon_phase")
    assert result.status == 2
    assert "error: there is no variation moon_phase" in result.stderr


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_built(
    samego: Samego, tmp_path: Path
) -> None:
    result = samego("inputs", "go1.24.4", "-o", str(tmp_path / "missing" / "inputs.json"))
    assert result.status == 2
    assert "cannot be written" in result.stderr
    assert "building" not in result.stderr
