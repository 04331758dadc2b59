"""A report's log proof: upstream's side is verified by it alone, and a forged one is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forge.upstream import serve_below
from samego.check.options import CheckOptions
from samego.check.run import check
from samego.config import Config
from samego.errors import NetworkError, SamegoError
from samego.model.report import Report
from samego.report import json as report_json
from samego.report.load import loads
from samego.report.summary import Summary
from samego.system.progress import Silent
from samego.upstream.sumdb.proof import LogProofError
from samego.verify.run import Verified, VerifyOptions, verify
from support.log_proofs import FILES, VERSION, archive, log_with, module_zip, proof_text
from support.sumdb_log import Key

SHARED = {path: data for path, data in FILES.items() if not path.startswith(("api/", "test/"))}
NOTE = "upstream's file was verified by the report's log proof, and nobody was asked"


class World:
    """A toolchain on this machine, upstream's zip, and a database that has it."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.tree = directory / "tree"
        for path, data in {**SHARED, "src/a.go": b"package x\n"}.items():
            file = self.tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(0o755 if path.startswith("bin/") else 0o644)
        self.proxy = directory / "proxy"
        environment = serve_below(self.proxy, VERSION, module_zip())
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        self.posted = self.proxy / "golang.org/toolchain/@v" / f"{VERSION}.zip"
        self.config = Config(cache_directory=directory / "cache", channel="module")
        self.key = environment["GOSUMDB"]

    def report(self) -> Report:
        """Of a check that asks the proxy and the database."""
        return check(CheckOptions((str(self.tree),), config=self.config), Silent())

    def alone(self) -> World:
        """Take away all but the tree, the zip and the key."""
        kept = self.directory / f"{VERSION}.zip"
        self.posted = Path(shutil.copy(self.posted, kept))
        shutil.rmtree(self.proxy)
        self.config = Config(cache_directory=self.directory / "new", offline=True)
        return self

    def verify(self, report: Report, *files: Path) -> Verified:
        """Verify a report as another would who read it from its file."""
        text = report_json.render(Summary(report)).encode()
        read = loads(text, name="report", exact=True)
        options = VerifyOptions(read, (self.tree, *files), config=self.config)
        return verify(options, Silent())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def with_proof(report: Report, text: str) -> Report:
    return replace(report, upstream=replace(report.upstream, log_proof=text))


def test_a_report_has_the_proof_of_a_module_zip(world: World) -> None:
    report = world.report()
    assert report.upstream.log_proof.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\n")
    data = json.loads(report_json.render(Summary(report)))
    assert data["upstream"]["log_proof"] == report.upstream.log_proof
    assert loads(json.dumps(data).encode(), name="report").upstream == report.upstream


def test_with_the_zip_nothing_else_is_needed(world: World) -> None:
    report = world.report()
    world.alone()
    result = world.verify(report, world.posted)
    assert (result.exit_status, result.broken) == (0, ())
    assert "upstream.log_proof" in result.repeated
    assert NOTE in result.notes
    with pytest.raises(NetworkError, match="offline"):
        world.verify(with_proof(report, ""), world.posted)


def test_the_zip_may_lie_in_the_cache(world: World) -> None:
    report = world.report()
    shutil.rmtree(world.proxy)
    shutil.rmtree(world.config.cache_directory / "sumdb")
    world.config = replace(world.config, offline=True)
    assert world.verify(report).exit_status == 0
    with pytest.raises(SamegoError, match="offline"):
        world.verify(with_proof(report, ""))
    # An altered proof says nothing of the file: it stays.
    with pytest.raises(LogProofError):
        world.verify(with_proof(report, report.upstream.log_proof.replace("index 0", "index 1")))
    assert world.verify(report).exit_status == 0


def test_a_report_without_a_proof_is_verified_as_ever(world: World) -> None:
    report = world.report()
    result = world.verify(with_proof(report, ""), world.posted)
    assert (result.exit_status, result.broken) == (0, ())
    assert NOTE not in result.notes


def _digit(text: str) -> str:
    return text.replace("index 0", "index 1")


def _size(text: str) -> str:
    return text.replace("\n1\n", "\n2\n")


def _root(text: str) -> str:
    head, root = text.split("\n1\n")
    return f"{head}\n1\n{'B' if root[0] == 'A' else 'A'}{root[1:]}"


def _origin(text: str) -> str:
    return text.replace("go.sum database tree", "go.sum database trea")


def _version(text: str) -> str:
    return text.replace("tlog-proof@v1\n", "tlog-proof@v1\n\n")


def _spelled(text: str) -> str:
    return text.replace("index 0", "index 00")


def _signature(text: str) -> str:
    line = text.splitlines()[-1]
    return text.replace(line, f"{line[:-6]}{'B' if line[-6] == 'A' else 'A'}{line[-5:]}")


@pytest.mark.parametrize("change", [_digit, _size, _root, _origin, _version, _spelled, _signature])
def test_an_altered_proof_is_refused(world: World, change: Callable[[str], str]) -> None:
    report = world.report()
    text = change(report.upstream.log_proof)
    assert text != report.upstream.log_proof
    with pytest.raises(LogProofError, match=r"^the report is refused: ") as caught:
        world.verify(with_proof(report, text), world.posted)
    assert caught.value.exit_status == 2
    assert "ask the author, or check the package again" in caught.value.hint


def test_the_proof_of_another_file_release_or_target_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = world.report()
    key = Key("sum.other.test")
    monkeypatch.setenv("GOSUMDB", key.verifier)
    right = proof_text(log_with(module_zip(), key))
    assert world.verify(with_proof(report, right), world.posted).exit_status == 0
    for version, module in (
        (VERSION, module_zip({**FILES, "src/a.go": b"package x\n"})),
        (VERSION.replace("24.99", "24.98"), module_zip()),
        (VERSION.replace("amd64", "arm64"), module_zip()),
    ):
        wrong = proof_text(log_with(module, key, version=version))
        with pytest.raises(LogProofError, match=r"^the report is refused: the log proof does not"):
            world.verify(with_proof(report, wrong), world.posted)


def test_the_proof_of_another_database_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = world.report()
    for key in ("", Key("sum.forge.test").verifier):
        monkeypatch.setenv("GOSUMDB", key)
        with pytest.raises(LogProofError, match=r"the signed note carries no signature of sum\."):
            world.verify(report, world.posted)


def test_a_proof_in_a_report_on_an_archive_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = archive(world.directory / "go1.24.99.linux-amd64.tar.gz")
    options = CheckOptions(
        (str(world.tree),), upstream=posted, allow_unverified=True, config=world.config
    )
    report = check(options, Silent())
    assert report.upstream.log_proof == ""
    key = Key("sum.other.test")
    monkeypatch.setenv("GOSUMDB", key.verifier)
    text = proof_text(log_with(module_zip(), key))
    with pytest.raises(LogProofError, match="a log proof is of a module zip, which go1"):
        world.verify(with_proof(report, text), posted)
