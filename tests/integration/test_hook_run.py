"""What a hook says and returns in a build, each time as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.cli import the_error
from support.debian_packages import DebMaker

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``samego hook run NAME ...`` as a build would, in an environment of its own."""
    cwd = tmp_path / "build"
    cwd.mkdir()

    def call(
        *arguments: str | Path, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "samego", "hook", "run", *arguments],
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "SAMEGO_SPOOL": str(tmp_path / "reports"),
                "SAMEGO_CACHE": str(tmp_path / "cache"),
                "SAMEGO_OFFLINE": "1",
                **(environ or {}),
            },
            check=False,
            capture_output=True,
            text=True,
        )

    return call


@pytest.mark.parametrize("arguments", [["nothing.changes"], ["--installed"], ["/"], []])
def test_what_cannot_be_decided_is_one_error(arguments: list[str], run: Run) -> None:
    name = "rpmbuild" if arguments == ["--installed"] else "sbuild"
    done = run(name, *arguments)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    assert the_error(done.stderr, prefix="samego: ")


def test_what_cannot_be_decided_fails_where_it_is_enforced(run: Run) -> None:
    done = run("sbuild", "nothing.changes", environ={"SAMEGO_ENFORCE": "explained"})
    assert done.returncode == 2
    error = the_error(done.stderr, prefix="samego: ")
    assert error == "there is no file nothing.changes: check the name"
    assert not done.stdout


def test_a_misspelled_level_always_fails(run: Run) -> None:
    done = run("sbuild", "nothing.changes", environ={"SAMEGO_ENFORCE": "strict"})
    assert done.returncode == 2
    assert "SAMEGO_ENFORCE is 'strict'" in the_error(done.stderr, prefix="samego: ")


@pytest.mark.parametrize("level", ["", "identical"])
def test_a_bad_configuration_fails_only_where_it_is_enforced(level: str, run: Run) -> None:
    done = run("sbuild", "x.changes", environ={"SAMEGO_OFFLINE": "?", "SAMEGO_ENFORCE": level})
    assert done.returncode == (2 if level else 0)
    assert "SAMEGO_OFFLINE is '?'" in done.stderr


@pytest.mark.parametrize("level", ["", "explained"])
def test_another_package_is_one_quiet_line(level: str, run: Run, tmp_path: Path) -> None:
    changes = tmp_path / "hello_1_amd64.changes"
    changes.write_text(
        f"Format: 1.8\nSource: hello\nChecksums-Sha256:\n {'0' * 64} 1 hello_1_amd64.deb\n"
    )
    done = run("sbuild", changes, environ={"SAMEGO_ENFORCE": level})
    assert done.returncode == 0
    assert not done.stderr
    assert done.stdout == (
        "samego: hello_1_amd64.changes lists no package of a Go toolchain"
        " (it lists hello_1_amd64.deb): skipped\n"
    )
    assert not (tmp_path / "reports").exists()


def test_a_toolchain_without_upstream_is_undecided(run: Run, tmp_path: Path) -> None:
    debs = DebMaker(tmp_path).write_all()
    assert run("sbuild", "--", *debs).returncode == 0
    done = run("sbuild", "--", *debs, environ={"SAMEGO_ENFORCE": "explained"})
    assert done.returncode == 2
    assert the_error(done.stderr, prefix="samego: ").startswith("no channel has go1.24.4 linux")


@pytest.mark.parametrize("streams", [">&- 2>&-", ">/dev/full 2>/dev/full", ">&-"])
@pytest.mark.parametrize("name", ["x.changes", "hello.changes"])
def test_a_build_goes_on_where_nobody_can_be_told(
    name: str, streams: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hello.changes").write_text("Format: 1.8\nSource: hello\n")
    program = f"exec {sys.executable} -m samego hook run sbuild {name} {streams}"
    done = subprocess.run(["sh", "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 0
    assert not done.stdout
    assert done.stderr.count("\n") <= 2
