"""``pip install .`` and ``pipx install .`` from a checkout, as README.md says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.package_build import export

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(3600)]


def run(*command: str | Path, environment: dict[str, str] | None = None, cwd: Path) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def test_pip_in_a_fresh_environment(tmp_path: Path) -> None:
    source = export(tmp_path / "samego")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", ".", cwd=source)
    command = tmp_path / "venv/bin/samego"
    assert run(command, "--version", cwd=tmp_path).startswith("samego 0.")
    assert "dpkg-buildpackage" in run(command, "hook", "list", cwd=tmp_path)


def test_pipx(tmp_path: Path) -> None:
    source = export(tmp_path / "samego")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "pipx", cwd=tmp_path)
    places = {
        "HOME": str(tmp_path),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
    }
    run(python, "-m", "pipx", "install", ".", environment={**os.environ, **places}, cwd=source)
    command = tmp_path / "bin/samego"
    assert "makepkg" in run(command, "hook", "list", cwd=tmp_path)
