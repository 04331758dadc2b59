from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from samego.cli.main import main
from support.arch_packages import ArchMaker, contents
from support.godev_server import GoDev, posting

STANDIN = Path(__file__).parents[3] / "support/repro.py"
RELEASE = "go1.24.99"
#: What upstream has of the tiny toolchain.
FILES = {
    "VERSION": f"{RELEASE}\ntime 2025-10-13T15:50:49Z\n".encode(),
    "bin/go": b"\x7fELF go",
    "bin/gofmt": b"\x7fELF gofmt",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/main.go": b"package main\n",
    "test/\u00defoo.go": b"package foo\n",
    "doc/go_spec.html": b"<p>\n",
    "LICENSE": b"BSD\n",
}


@dataclass
class Case:
    """A package that was shipped, and what the stand-in's makepkg makes of it."""

    root: Path
    package: Path

    @property
    def made(self) -> Path:
        return self.root / "made"

    def run(self, *arguments: str) -> tuple[int, Any]:
        """The exit status, and the report when there is one."""
        report = self.root / "report.json"
        report.unlink(missing_ok=True)
        words = ["arch", "repro", str(self.package), "-o", str(report), "--format", "json"]
        status = main([*words, *arguments])
        return status, json.loads(report.read_text()) if report.exists() else None


@pytest.fixture(scope="module")
def posted() -> Iterator[GoDev]:
    """Upstream's archive, served as go.dev does."""
    with posting(RELEASE, FILES) as server:
        yield server


def _package(directory: Path, **changes: bytes) -> Path:
    files = contents(RELEASE) | {name.replace("__", "/"): data for name, data in changes.items()}
    return ArchMaker(directory, version="2:1.24.99-1", contents=files).write()


@pytest.fixture
def case(tmp_path: Path, posted: GoDev, monkeypatch: pytest.MonkeyPatch) -> Case:
    for name in ("made", "bin", "shipped", "home"):
        (tmp_path / name).mkdir()
    shutil.copy(STANDIN, tmp_path / "bin/repro")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("STANDIN_MADE", str(tmp_path / "made"))
    monkeypatch.delenv("STANDIN_STOPS", raising=False)
    monkeypatch.setenv("SAMEGO_GODEV_URL", f"{posted.url}/dl")
    monkeypatch.setenv("SAMEGO_CHANNEL", "go.dev/dl")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "home")
    return Case(tmp_path, _package(tmp_path / "shipped"))


def test_the_same_package_passes_both_questions(case: Case) -> None:
    shutil.copy(case.package, case.made)
    (case.made / "go-debug-2:1.24.99-1-x86_64.pkg.tar.zst").write_bytes(b"another package")
    status, report = case.run("--", "-n")
    given = report["reproduction"]
    assert (status, report["passes"], given["outcome"]) == (0, True, "same")
    assert [item["name"] for item in given["artifacts"]] == [case.package.name]
    assert given["tool"] == {"name": "repro", "version": "20250126"}
    kept = case.root / "home" / f"{case.package.name}.rebuilt"
    assert given["command"] == ["repro", "-n", "-o", str(kept), "--", str(case.package)]
    assert "Package is reproducible!" in (kept / "repro.log").read_text()


@pytest.mark.parametrize(
    "spelling",
    ["go-2%3A1.24.99-1-x86_64.pkg.tar.zst", "go-2_1.24.99-1-x86_64.pkg.tar (1).zst", "go"],
)
def test_the_rebuilt_package_is_told_by_what_is_inside(case: Case, spelling: str) -> None:
    shutil.copy(case.package, case.made)
    case.package = case.package.rename(case.package.with_name(spelling))
    status, report = case.run()
    assert (status, report["passes"], report["reproduction"]["outcome"]) == (0, True, "same")


def test_another_compression_is_another_package_with_the_same_files(case: Case) -> None:
    files = contents(RELEASE)
    ArchMaker(case.made, version="2:1.24.99-1", contents=files, suffix=".xz").write()
    status, report = case.run()
    given = report["reproduction"]
    assert (status, given["outcome"]) == (1, "different")
    [difference] = given["artifacts"][0]["differences"]
    assert (difference["kind"], difference["standing"]) == ("package", "equivalent")


def test_of_several_that_may_be_meant_none_is_taken(case: Case) -> None:
    for suffix in (".xz", ".gz"):
        files = contents(RELEASE)
        ArchMaker(case.made, version="2:1.24.99-1", contents=files, suffix=suffix).write()
    status, report = case.run()
    assert (status, report["reproduction"]["outcome"]) == (2, "failed")


def test_a_difference_is_told_from_a_failure_with_the_same_exit_status(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(case.made, usr__lib__go__src__main_go=b"x")
    status, report = case.run()
    given = report["reproduction"]
    assert (status, given["outcome"]) == (1, "different")
    assert report["passes"]
    [artifact] = given["artifacts"]
    paths = {item["path"]: item["holder"] for item in artifact["differences"]}
    assert paths["usr/lib/go/src/main_go"] == "rebuilt"
    assert paths[".MTREE"] == "both"

    monkeypatch.setenv("STANDIN_STOPS", "build")
    status, report = case.run("--keep", "again")
    given = report["reproduction"]
    assert (status, given["outcome"], given["cause"]) == (2, "failed", "build")
    assert given["reason"] == "==> ERROR: A failure occurred in build()."
    assert given["log"][-1] == "    Aborting..."


@pytest.mark.parametrize(
    ("stops", "outcome", "cause", "reason"),
    [
        ("nothing", "failed", "build", "==> ERROR: Package is not reproducible"),
        (
            "setup",
            "not_run",
            "environment",
            "curl: (6) Could not resolve host: geo.mirror.pkgbuild.com",
        ),
        (
            "helper",
            "not_run",
            "helper_missing",
            "/usr/bin/repro: line 232: systemd-nspawn: command not found",
        ),
    ],
)
def test_what_kept_it_from_a_package(
    case: Case,
    stops: str,
    outcome: str,
    cause: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STANDIN_STOPS", stops)
    status, report = case.run()
    given = report["reproduction"]
    assert (status, given["outcome"]) == (2, outcome)
    assert (given["cause"], given["reason"]) == (cause, reason)


def test_repro_is_not_installed(case: Case) -> None:
    (case.root / "bin/repro").unlink()
    status, report = case.run()
    assert (status, report["reproduction"]["cause"]) == (2, "tool_missing")
    assert list((case.root / "home").iterdir()) == []


def test_the_other_name_of_the_program_does_too(case: Case) -> None:
    shutil.copy(case.package, case.made)
    (case.root / "bin/repro").rename(case.root / "bin/archlinux-repro")
    status, report = case.run()
    assert (status, report["reproduction"]["command"][0]) == (0, "archlinux-repro")


def test_what_a_rebuild_left_is_judged_without_running_anything(case: Case) -> None:
    (case.root / "bin/repro").unlink()
    shutil.copy(case.package, case.made)
    status, report = case.run("--rebuilt", str(case.made))
    assert (status, report["reproduction"]["tool"]) == (0, None)
    (case.made / case.package.name).write_bytes(b"no package")
    status, report = case.run("--rebuilt", str(case.made))
    [artifact] = report["reproduction"]["artifacts"]
    assert (status, artifact["match"]) == (1, "different")
    assert "not" in artifact["differences"][0]["cause"]
    (case.made / case.package.name).unlink()
    status, report = case.run("--rebuilt", str(case.made))
    assert (status, report["reproduction"]["cause"]) == (2, "no_packages")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--", "-o", "/x"), "-o is set by samego"),
        (("--rebuilt", "../made", "--", "-n"), "has no effect"),
        (("--rebuilt", "../shipped"), "is the shipped file itself"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    case: Case, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert case.run(*arguments) == (2, None)
    assert message in capsys.readouterr().err


def test_a_package_that_is_not_there(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.package.unlink()
    assert case.run() == (2, None)
    assert "there is no file" in capsys.readouterr().err
