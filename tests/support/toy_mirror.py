"""A toy toolchain of go1.99.0, and a mirror that has it: a release nobody announced."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

_FILES = {"VERSION": "go1.99.0\n", "src/a.go": "package a\n", "pkg/tool/linux_amd64/asm": "x"}


def goroot(directory: Path, **changes: str) -> Path:
    """The toy toolchain in a directory, with other texts in the files that ``changes`` names."""
    for name, text in {**_FILES, **changes}.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, "utf-8")
    return directory


def use_mirror(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have samego use a mirror of it, and nothing else of the user's, below a directory."""
    mirror = directory / "mirror"
    mirror.mkdir()
    with tarfile.open(mirror / "go1.99.0.linux-amd64.tar.gz", "w:gz") as tar:
        tar.add(goroot(directory / "upstream"), "go")
    monkeypatch.setenv("SAMEGO_MIRROR", str(mirror))
    monkeypatch.setenv("SAMEGO_CACHE", str(directory / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory))
    monkeypatch.setenv("SAMEGO_RECORD", "0")
