"""Completion in real shells: what a user gets who types the beginning of a word and Tab."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installed.completion import completions

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")
#: Seconds without a byte after which a shell has said what it says.
_QUIET = 0.4
_PATIENCE = 20.0

#: What is typed, and what stands there after Tab, or after a second one.
TYPED = (
    ("samego che\t", r"samego check "),
    ("samego rep\t\t", r"\breport\b"),
    ("samego check --reb\t", r"--rebuild "),
    ("samego check --require \t\t", r"equivalent\s+explained\s+identical\s+unpatched"),
    ("samego cache builds re\t", r"builds remove "),
    ("samego hook ins\t", r"hook install "),
    ("samego debian deb\t", r"debian debrebuild "),
    ("samego explain a-rep\t", r"explain a-report\.json"),
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with each shell's script as a package installs it, and a report's file."""
    place = tmp_path_factory.mktemp("completions")
    names = {"bash": "samego", "zsh": "_samego", "fish": "samego.fish"}
    for shell, script in completions():
        (place / names[shell]).write_text(script, encoding="utf-8")
    (place / "a-report.json").touch()
    return place


@contextmanager
def shell(command: list[str], directory: Path, *setup: str) -> Iterator[int]:
    """An interactive shell at a terminal of its own, which has run some lines."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        environment = {"TERM": "vt100", "HOME": str(directory), "PATH": os.environ["PATH"]}
        os.execvpe(command[0], command, {**environment, "LC_ALL": "C.UTF-8"})  # noqa: S606 - the child becomes the shell
    try:
        for line in setup:
            os.write(terminal, f"{line}\n".encode())
        os.write(terminal, b"echo rea''dy\n")
        heard = ""
        end = time.monotonic() + _PATIENCE
        while "\nready" not in heard.replace("\r", ""):
            assert time.monotonic() < end, heard
            heard += listen(terminal)
        yield terminal
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def listen(terminal: int, until: str = "") -> str:
    """What the shell writes until it is quiet, or has written what is waited for."""
    heard = b""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], _QUIET)
        if ready:
            heard += os.read(terminal, 65536)
        elif not until or re.search(until, plain(heard)):
            break
    return plain(heard)


def plain(heard: bytes) -> str:
    """What a reader sees: zsh pads for slow terminals."""
    heard = heard.replace(b"\0", b"")
    return _ESCAPES.sub("", heard.decode("utf-8", "replace"))


def complete(terminal: int) -> None:
    for typed, expected in TYPED:
        os.write(terminal, typed.encode())
        heard = listen(terminal, expected)
        assert re.search(expected, heard), (typed, heard)
        # Ctrl-C: a new line, whatever stands there or is listed.
        os.write(terminal, b"\x03")
        listen(terminal)


def test_bash(directory: Path) -> None:
    bash = ["bash", "--norc", "--noprofile", "-i"]
    with shell(bash, directory, f". {directory}/samego") as terminal:
        complete(terminal)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is missing (tools/setup.sh test)")
def test_zsh(directory: Path) -> None:
    setup = f"fpath=({directory} $fpath); autoload -Uz compinit; compinit -u -D"
    with shell(["zsh", "-f", "-i"], directory, setup, "unsetopt auto_menu") as terminal:
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
