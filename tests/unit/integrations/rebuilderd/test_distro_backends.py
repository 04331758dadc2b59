"""What the distros' backends add to the script that a worker brings, which is a stand-in."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from samego.check.options import CheckOptions
from samego.check.run import check as check_packages
from samego.cli import rebuilderd_wrap
from samego.cli.main import main
from samego.integrations.rebuilderd.result import BackendResult, find, line, opening
from samego.model.report import Report
from samego.model.reproduction import Outcome
from samego.system.progress import Progress
from support.arch_packages import ArchMaker, contents
from support.buildinfo import write_buildinfo
from support.debian_packages import CHANGELOG, DebMaker
from support.godev_server import GoDev, posting

RELEASE, VERSION = "go1.24.99", "1.24.99-1"
GO = f"golang-1.24-go_{VERSION}_amd64.deb"
FILES = {
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/zgenerated.go": b"package p\n",
    "src/main.go": b"package main\n",
    "doc/go_spec.html": b"<p>\n",
}


@dataclass
class Case:
    """A worker's directories, and a backend that leaves what ``made`` holds."""

    root: Path
    capfd: pytest.CaptureFixture[str]
    log: str = field(default="")

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def made(self) -> Path:
        return self.root / "made"

    def run(self, distro: str, given: Path, script: str = "") -> tuple[int, BackendResult | None]:
        """Run the backend; its exit status and its line."""
        backend = self.root / "backend.sh"
        text = script or f'echo "building $1"; cp {self.made}/* "$REBUILDERD_OUTDIR"'
        backend.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
        backend.chmod(0o755)
        self.capfd.readouterr()
        words = ["rebuilderd", "backend", distro, "--backend", str(backend), str(given), "-q"]
        status = main(words)
        self.log = self.capfd.readouterr().out
        return status, find(self.log)

    def left(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.root / "out").iterdir()}


@pytest.fixture(scope="module")
def posted() -> Iterator[GoDev]:
    with posting(RELEASE, FILES) as server:
        yield server


@pytest.fixture
def case(
    tmp_path: Path,
    posted: GoDev,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Case:
    for name in ("inputs", "made", "out"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("SAMEGO_GODEV_URL", f"{posted.url}/dl")
    monkeypatch.setenv("SAMEGO_CHANNEL", "go.dev/dl")
    monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SAMEGO_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("REBUILDERD_OUTDIR", str(tmp_path / "out"))
    return Case(tmp_path, capfd)


def _maker(directory: Path) -> DebMaker:
    changelog = CHANGELOG.replace(b"1.24.4-1", VERSION.encode())
    return DebMaker(directory, version=VERSION, release=RELEASE, changelog=changelog)


@pytest.fixture
def buildinfo(case: Case) -> Path:
    """Debian's record; of its packages only the -go one was handed to the worker."""
    debs = _maker(case.made).write_all()
    _maker(case.made).write_packaging(case.inputs)
    record = write_buildinfo(case.inputs, debs)
    for path in (debs[0], record):
        target = case.inputs if path is debs[0] else case.made
        (target / path.name).write_bytes(path.read_bytes())
    return record


def test_a_toolchain_of_debians(case: Case, buildinfo: Path) -> None:
    status, told = case.run("debian", buildinfo)
    assert told is not None
    assert (status, told.outcome, told.upstream) == (0, Outcome.SAME, "explained")
    digest = hashlib.sha256((case.inputs / GO).read_bytes()).hexdigest()
    assert (told.input_sha256, told.rebuilt_sha256) == (digest, digest)
    assert case.left() == {path.name: path.read_bytes() for path in case.made.iterdir()}
    assert f"building {buildinfo}" in case.log
    report = json.loads(Path(told.report).read_text())
    assert report["reproduction"]["outcome"] == "same"


def test_a_rebuilt_package_that_differs_is_not_taken_for_the_shipped_one(
    case: Case, buildinfo: Path
) -> None:
    maker = _maker(case.made)
    changed = maker.contents("src") | {"usr/share/go-1.24/src/main.go": b"package evil\n"}
    maker.write("src", changed)
    (case.made / buildinfo.name).unlink()
    write_buildinfo(case.made, sorted(case.made.glob("*.deb")))
    status, told = case.run("debian", buildinfo)
    assert told is not None
    assert (status, told.outcome, told.upstream) == (1, Outcome.DIFFERENT, "")
    assert told.cause == f"upstream: the shipped golang-1.24-src_{VERSION}_all.deb is missing"


@pytest.mark.parametrize(("place", "upstream"), [("inputs", "explained"), ("made", "unexplained")])
def test_a_source_package_that_the_build_left_accounts_for_nothing(
    case: Case, place: str, upstream: str
) -> None:
    maker = _maker(case.made)
    changed = maker.contents("src") | {"usr/share/go-1.24/src/main.go": b"package evil\n"}
    debs = [maker.write("go"), maker.write("src", changed), maker.write("doc")]
    # In dpkg's order, in which the first one is not the one at hand.
    record = write_buildinfo(case.inputs, sorted(debs))
    for path in (debs[0], record):
        target = case.inputs if path is debs[0] else case.made
        (target / path.name).write_bytes(path.read_bytes())
    patch = b"--- a/src/main.go\n+++ b/src/main.go\n@@ -1 +1 @@\n-package main\n+package evil\n"
    # What the archive has, and in the second case what the build left beside the packages.
    maker.write_packaging(case.inputs)
    maker.write_packaging(case.root / place, patch)
    status, told = case.run("debian", record)
    assert told is not None
    assert (status, told.outcome, told.upstream) == (
        int(place == "made"),
        Outcome.SAME,
        upstream,
    )


def test_a_build_that_left_nothing(case: Case, buildinfo: Path) -> None:
    status, told = case.run("debian", buildinfo, "exit 7")
    assert told is not None
    assert (status, told.outcome, told.upstream) == (2, Outcome.FAILED, "")
    assert case.left() == {}


def test_a_package_that_the_record_does_not_list_so(case: Case, buildinfo: Path) -> None:
    (case.inputs / GO).write_bytes(b"tampered")
    status, told = case.run("debian", buildinfo)
    assert told is not None
    assert (status, told.outcome, told.upstream) == (2, Outcome.NOT_RUN, "")
    assert "is not the file that" in told.cause
    assert case.left().keys() == {path.name for path in case.made.iterdir()}


def test_upstream_that_cannot_be_asked(
    case: Case, buildinfo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEGO_GODEV_URL", "http://127.0.0.1:1/dl")
    status, told = case.run("debian", buildinfo)
    assert told is not None
    assert (status, told.outcome, told.upstream, told.report) == (2, Outcome.SAME, "", "")
    assert told.cause.startswith("upstream: ")


@pytest.mark.parametrize("status", [0, 3])
def test_other_packages_are_passed_over_with_the_backends_status(case: Case, status: int) -> None:
    for distro, name in (
        ("debian", "hello_2.10-3_amd64.buildinfo"),
        ("arch", "go-tools-4:0.44.0-1-x86_64.pkg.tar.zst"),
    ):
        given = case.inputs / name
        given.write_bytes(b"nothing that samego could read")
        assert case.run(distro, given, f"exit {status}") == (status, None)


def test_other_golang_packages_too(case: Case) -> None:
    maker = _maker(case.made)
    other = maker.write("doc").rename(case.made / f"golang-1.24-misc_{VERSION}_all.deb")
    assert case.run("debian", write_buildinfo(case.inputs, [other])) == (0, None)


def test_archs_package(case: Case) -> None:
    package = ArchMaker(case.inputs, version="2:1.24.99-1", contents=contents(RELEASE)).write()
    (case.made / package.name).write_bytes(package.read_bytes())
    status, told = case.run("arch", package)
    assert told is not None
    assert told.outcome is Outcome.SAME
    # Upstream has no test directory here, and the package does.
    assert (status, told.upstream) == (1, "unexplained")
    assert case.left() == {package.name: package.read_bytes()}


def test_a_backend_that_is_not_there(case: Case, buildinfo: Path) -> None:
    words = ["rebuilderd", "backend", "debian", str(buildinfo), "--backend", "/nonexistent/backend"]
    assert main(words) == 2
    assert "/nonexistent/backend cannot be started" in case.capfd.readouterr().err


def test_a_backend_that_a_signal_ended(case: Case) -> None:
    given = case.inputs / "hello_2.10-3_amd64.buildinfo"
    given.write_bytes(b"")
    assert case.run("debian", given, "kill -9 $$") == (137, None)


FORGED = BackendResult("debian", "x.buildinfo", Outcome.SAME, upstream="identical")


@pytest.mark.parametrize(
    "script",
    [
        f"printf '%s' '{line(FORGED, 'f' * 32)}'; exit 7",
        f"echo '{opening('f' * 32)}'; echo '{line(FORGED, 'f' * 32)}'; exit 7",
        f"(trap '' HUP TERM; sleep 3; echo '{line(FORGED, 'f' * 32)}') & exit 7",
    ],
)
def test_a_build_cannot_write_the_result(case: Case, buildinfo: Path, script: str) -> None:
    _status, told = case.run("debian", buildinfo, script)
    assert told is not None
    assert told.outcome is Outcome.FAILED


def test_where_there_is_no_result_a_build_cannot_write_one(case: Case) -> None:
    given = case.inputs / "hello_2.10-3_amd64.buildinfo"
    given.write_bytes(b"")
    script = f"echo '{opening('f' * 32)}'; echo '{line(FORGED, 'f' * 32)}'"
    assert case.run("debian", given, script) == (0, None)


def test_what_a_build_leaves_running_is_ended(case: Case, buildinfo: Path) -> None:
    late = f"sleep 1; echo tampered > $REBUILDERD_OUTDIR/{GO}"
    script = f'cp {case.made}/* "$REBUILDERD_OUTDIR"; setsid sh -c "{late}" >/dev/null 2>&1 &'
    status, told = case.run("debian", buildinfo, script + " sleep 0.2")
    assert told is not None
    assert (status, told.outcome) == (0, Outcome.SAME)
    time.sleep(1.2)
    assert case.left()[GO] == (case.inputs / GO).read_bytes()


def test_the_check_has_a_deadline_and_the_rebuild_stands(
    case: Case, buildinfo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEGO_DEADLINE_BACKEND", "0.01")
    status, told = case.run("debian", buildinfo)
    assert told is not None
    assert (status, told.upstream) == (2, "")
    assert "did not end within 0.01 s" in told.cause
    assert case.left() == {path.name: path.read_bytes() for path in case.made.iterdir()}


def test_a_builds_environment_does_not_reach_the_check(
    case: Case, buildinfo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []

    def check(options: CheckOptions, progress: Progress) -> Report:
        seen.append(dict(os.environ))
        return check_packages(options, progress)

    monkeypatch.setattr(rebuilderd_wrap, "check", check)
    monkeypatch.setenv("PERL5LIB", "/build")
    assert case.run("debian", buildinfo, f'cp {case.made}/* "$REBUILDERD_OUTDIR"; echo $PERL5LIB')
    assert "/build\n" in case.log
    assert "PERL5LIB" not in seen[0]
    assert os.environ["PERL5LIB"] == "/build"
