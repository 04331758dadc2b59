"""Completion in real shells: what a user gets who types the beginning of a word and Tab."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from installed.completion import completions
from support.completing import COMMANDS, ZSH_LISTS, complete, shell


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with each shell's script as a package installs it, and a report's file."""
    place = tmp_path_factory.mktemp("completions")
    names = {"bash": "samego", "zsh": "_samego", "fish": "samego.fish"}
    for name, script in completions():
        (place / names[name]).write_text(script, encoding="utf-8")
    (place / "a-report.json").touch()
    return place


def test_bash(directory: Path) -> None:
    with shell(COMMANDS["bash"], directory, f". {directory}/samego") as terminal:
        complete(terminal)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is missing (tools/setup.sh test)")
def test_zsh(directory: Path) -> None:
    setup = f"fpath=({directory} $fpath); autoload -Uz compinit; compinit -u -D"
    with shell(COMMANDS["zsh"], directory, setup, ZSH_LISTS) as terminal:
        complete(terminal)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is missing (tools/setup.sh test)")
def test_fish(directory: Path) -> None:
    """fish says itself what it would complete (complete -C)."""
    for typed, *wanted in (
        ("samego che", "check"),
        ("samego check --reb", "--rebuild"),
        ("samego check --require ", "identical", "equivalent", "unpatched", "explained"),
        ("samego cache builds re", "remove"),
        ("samego explain a-rep", "a-report.json"),
    ):
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source samego.fish; complete -C '{typed}'"],
            cwd=directory,
            env={"PATH": os.environ["PATH"], "HOME": str(directory)},
            check=True,
            capture_output=True,
            text=True,
        )
        found = {line.split("\t")[0] for line in done.stdout.splitlines()}
        assert found == set(wanted), typed
