from __future__ import annotations

import time
from pathlib import Path

import pytest

from samego.errors import DiskFullError, ToolError
from samego_debian.archive import host_apt
from samego_debian.archive.host_apt import run_apt


def test_what_a_program_prints_comes_back_with_its_status(tmp_path: Path) -> None:
    done = run_apt(["sh", "-c", "echo out; echo err >&2; exit 3"], tmp_path, fills=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no-such-apt cannot be run"):
        run_apt(["no-such-apt"], tmp_path)


def test_one_that_waits_on_a_full_disk_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_apt, "_BETWEEN_SECONDS", 0.02)
    monkeypatch.setattr(host_apt, "_NO_ROOM", 1 << 60)
    began = time.monotonic()
    with pytest.raises(DiskFullError, match=r"sleep does not go on: .* left"):
        run_apt(["sleep", "600"], tmp_path, fills=tmp_path)
    assert time.monotonic() - began < 60


def test_one_that_waits_where_there_is_room_may_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_apt, "_BETWEEN_SECONDS", 0.01)
    assert run_apt(["sleep", "0.3"], tmp_path, fills=tmp_path).returncode == 0
