"""What rebuildctl is given, by a stand-in; the real one is in the integration tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from samego.errors import ConfigError, ToolError
from samego.integrations.rebuilderd.packages import PackageReport
from samego.integrations.rebuilderd.rebuildctl import send

REPORT = PackageReport("go1.24", "amd64", ())
URL = "http://127.0.0.1:8484"


@pytest.fixture
def rebuildctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in's script, to be written."""
    script = tmp_path / "bin/rebuildctl"
    script.parent.mkdir()
    script.touch(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    return script


def test_it_gets_the_endpoint_and_the_report(rebuildctl: Path, tmp_path: Path) -> None:
    rebuildctl.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/words\ncat >{tmp_path}/report\n')
    send(REPORT, URL)
    send(REPORT, "")
    assert (tmp_path / "words").read_text() == f"-H {URL} pkgs sync-stdin\npkgs sync-stdin\n"
    assert json.loads((tmp_path / "report").read_text()) == REPORT.to_object()


def test_its_last_word_is_the_cause(rebuildctl: Path) -> None:
    rebuildctl.write_text("#!/bin/sh\necho 'Error: no' >&2\necho '    403 Forbidden' >&2\nexit 1\n")
    with pytest.raises(ToolError, match=r"cannot queue go1.24 amd64 \(403 Forbidden\)"):
        send(REPORT, URL)
    rebuildctl.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(ToolError, match=r"\(no reason given\)"):
        send(REPORT, URL)


def test_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolError, match="cannot run rebuildctl"):
        send(REPORT, URL)


def test_no_password_stands_on_its_command_line(rebuildctl: Path, tmp_path: Path) -> None:
    rebuildctl.write_text(f"#!/bin/sh\ntouch {tmp_path}/run\n")
    with pytest.raises(ConfigError) as caught:
        send(REPORT, "https://me:hunter2@rebuilder.example.org")
    assert "hunter2" not in str(caught.value)
    assert not (tmp_path / "run").exists()
