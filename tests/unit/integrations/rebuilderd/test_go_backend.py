from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from samego.cli.main import main
from samego.integrations.rebuilderd.result import BackendResult, find
from samego.model.reproduction import Outcome
from support.godev_server import GoDev, serve
from support.toy_go import MAKE_BASH, toy_bootstrap, toy_source_archive
from support.toy_world import LINUX, NAME, WINDOWS, World

ARCHIVE, ZIP = f"{NAME}.linux-amd64.tar.gz", f"{NAME}.windows-amd64.zip"
MODULE = f"v0.0.1-{NAME}.linux-amd64.zip"


@dataclass
class Case:
    """What a worker gives the backend."""

    world: World
    inputs: Path
    out: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, name: str, data: bytes | None, *words: str) -> tuple[int, BackendResult | None]:
        """Run the backend on an input; its exit status and its line."""
        given = self.inputs / name
        if data is not None:
            given.write_bytes(data)
        bootstrap = () if "--bootstrap" in words else ("--bootstrap", str(self.world.bootstrap))
        arguments = ["rebuilderd", "backend", "go", str(given), *bootstrap, *words]
        self.capsys.readouterr()
        status = main(arguments)
        return status, find(self.capsys.readouterr().out)

    def left(self) -> dict[str, bytes]:
        """What lies in the output directory."""
        return {path.name: path.read_bytes() for path in self.out.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that a rebuild of the toy gives, built once."""
    with pytest.MonkeyPatch.context() as patch, serve(GoDev()) as godev:
        patch.setenv("GOPROXY", "off")
        patch.setenv("GOSUMDB", "off")
        world = World(tmp_path_factory.mktemp("built"), godev)
        world.post_what_is_built(LINUX, WINDOWS)
        return world.posted


@pytest.fixture
def case(
    tmp_path: Path,
    built: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Case]:
    for name in ("inputs", "out"):
        (tmp_path / name).mkdir()
    with serve(GoDev()) as godev:
        world = World(tmp_path / "world", godev)
        for name, data in built.items():
            world.post(name, data)
        monkeypatch.setenv("SAMEGO_GODEV_URL", f"{godev.url}/dl")
        monkeypatch.setenv("SAMEGO_CHANNEL", "go.dev/dl")
        # Another one than the world's, whose index is an hour's.
        monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("GOPROXY", "off")
        monkeypatch.setenv("GOSUMDB", "off")
        monkeypatch.setenv("SAMEGO_SPOOL", str(tmp_path / "spool"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setenv("REBUILDERD_OUTDIR", str(tmp_path / "out"))
        yield Case(world, tmp_path / "inputs", tmp_path / "out", capsys)


@pytest.mark.parametrize("name", [ARCHIVE, ZIP])
def test_the_input_is_rebuilt_and_left_under_its_name(case: Case, name: str) -> None:
    posted = case.world.posted[name]
    status, told = case.run(name, posted)
    assert told is not None
    assert (status, told.outcome, told.upstream) == (0, Outcome.SAME, "reproduced")
    assert case.left() == {name: posted}
    assert Path(told.report).is_file()


def test_what_is_left_was_built_and_is_never_the_input(case: Case) -> None:
    posted = case.world.posted[ARCHIVE]
    status, told = case.run(ARCHIVE, posted[:-1] + b"\1")
    assert told is not None
    assert (status, told.outcome, told.upstream) == (1, Outcome.DIFFERENT, "reproduced")
    assert told.cause == "what was built is what upstream posted: the input is not"
    assert case.left() == {ARCHIVE: posted}


def test_a_module_zip(case: Case) -> None:
    [target] = case.world.rebuild(targets=(LINUX,)).bootstraps[0].targets
    assert target.products is not None
    built = target.products.files[MODULE].path.read_bytes()
    status, told = case.run(MODULE, built)
    assert told is not None
    # Nobody here states a module's hash.
    assert (status, told.outcome, told.upstream) == (0, Outcome.SAME, "")
    assert case.left() == {MODULE: built}


def test_a_build_that_fails_leaves_nothing(case: Case) -> None:
    broken = toy_source_archive(case.inputs / "broken", NAME, make_bash="echo no; exit 1\n")
    case.world.post(broken.name, broken.read_bytes())
    status, told = case.run(ARCHIVE, case.world.posted[ARCHIVE], "--source", str(broken))
    assert told is not None
    assert (status, told.outcome, told.rebuilt_sha256) == (2, Outcome.FAILED, "")
    assert told.cause
    assert case.left() == {}


def test_bootstraps_that_do_not_agree_leave_nothing(case: Case) -> None:
    script = MAKE_BASH.replace("cd ..\n", 'cd ..\ncat "$GOROOT_BOOTSTRAP/bin/go" >>src/code.go\n')
    source = toy_source_archive(case.inputs / "trusting", NAME, make_bash=script)
    case.world.post(source.name, source.read_bytes())
    other = toy_bootstrap(case.inputs / "other", salt="other")
    bootstraps = ("--bootstrap", str(case.world.bootstrap), "--bootstrap", str(other))
    status, told = case.run(ARCHIVE, case.world.posted[ARCHIVE], *bootstraps)
    assert told is not None
    assert (status, told.outcome) == (2, Outcome.FAILED), told.cause
    assert ARCHIVE in told.cause
    assert case.left() == {}


def test_a_report_that_cannot_be_kept_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEGO_SPOOL", str(case.inputs / ARCHIVE))
    status, told = case.run(ARCHIVE, case.world.posted[ARCHIVE])
    assert told is not None
    assert (status, told.outcome, told.report) == (0, Outcome.SAME, "")


@pytest.mark.parametrize(
    "name",
    [
        f"{NAME}.src.tar.gz",
        f"{NAME}.windows-amd64.msi",
        f"{NAME}.linux-amd64.zip",
        f"v0.0.1-{NAME}.zip",
        "hello.tar.gz",
    ],
)
def test_what_cannot_be_rebuilt_is_refused(case: Case, name: str) -> None:
    status, told = case.run(name, b"")
    assert told is not None
    assert (status, told.outcome) == (2, Outcome.NOT_RUN)
    assert case.left() == {}


def test_no_input_and_no_output(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = case.run(ARCHIVE, None)
    assert told is not None
    assert status == 2
    assert "there is no file" in told.cause
    monkeypatch.delenv("REBUILDERD_OUTDIR")
    status, told = case.run(ARCHIVE, b"x")
    assert told is not None
    assert status == 2
    assert "REBUILDERD_OUTDIR is not set" in told.cause
