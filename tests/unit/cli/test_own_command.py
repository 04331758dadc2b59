from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from samego.cli.own_command import own_command


def test_an_installed_command_is_isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "samego"
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert shlex.split(own_command(Path("/"))) == [sys.executable, "-I", str(script)]
    script.write_text("#!/usr/bin/python3\n", "utf-8")
    assert shlex.split(own_command(Path("/"))) == ["/usr/bin/python3", "-I", str(script)]
    assert shlex.split(own_command(tmp_path)) == ["/usr/bin/python3", "-I", "/samego"]
    script.write_text("#!/bin/sh\n", "utf-8")
    assert shlex.split(own_command(Path("/")))[0] == sys.executable
