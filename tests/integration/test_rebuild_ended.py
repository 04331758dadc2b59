"""A rebuild that is ended from outside, with a toy release whose targets never finish."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.godev_server import file_row, release_row
from support.toy_go import GO_SH, toy_bootstrap, toy_source_archive

NAME = "go1.24.99"
ARGUMENTS = ("--target", "linux-amd64", "--target", "windows-amd64", "--target", "linux-arm")
#: A target that waits as long as there is a file that says so.
WAITING = GO_SH.replace("install)", 'install) while [ -e "{flag}" ]; do sleep 0.1; done')


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    path = tmp_path / "wait"
    path.touch()
    return path


@pytest.fixture
def builder(tmp_path: Path, flag: Path) -> Samego:
    mirror = tmp_path / "mirror"
    archive = toy_source_archive(mirror, NAME, go_sh=WAITING.replace("{flag}", str(flag)))
    row = release_row(NAME, file_row(archive.name, archive.read_bytes()))
    (mirror / "index.json").write_text(json.dumps([row]), "utf-8")
    toy_bootstrap(tmp_path / "bootstrap")
    return Samego(tmp_path, {"SAMEGO_MIRROR": str(mirror), "GOPROXY": "off", "GOSUMDB": "off"})


def start(builder: Samego, *more: str) -> subprocess.Popen[str]:
    bootstrap = str(builder.home / "bootstrap")
    common = ("--offline", "--cache", str(builder.home / "cache"))
    return builder.start(["rebuild", NAME, *common, "--bootstrap", bootstrap, *ARGUMENTS, *more])


def scratch(builder: Samego) -> list[Path]:
    return list((builder.home / "cache/rebuild").glob(".build-*"))


def wait_for_targets(builder: Samego, process: subprocess.Popen[str], count: int) -> None:
    """Until the host is built and that many targets are being built."""
    hosts = builder.home / "cache/rebuild/hosts"
    while not (hosts.is_dir() and len(scratch(builder)) == count):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def left_running(builder: Samego) -> list[str]:
    """The processes whose command or directory lies below the builder's home."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = str((path / "cwd").readlink())
        except OSError:
            continue
        if where.startswith(str(builder.home / "cache/rebuild")):
            found.append(command)
    return found


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_neither_builds_nor_files(
    builder: Samego, jobs: str, number: signal.Signals
) -> None:
    process = start(builder, "--jobs", jobs)
    wait_for_targets(builder, process, int(jobs))
    os.kill(process.pid, number)
    _out, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number, errors
    assert scratch(builder) == []
    assert left_running(builder) == []


def test_a_killed_run_goes_on_with_what_is_not_finished(builder: Samego, flag: Path) -> None:
    process = start(builder)
    while not list((builder.home / "cache/rebuild").glob("*-windows-amd64.log")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert len(scratch(builder)) == 1
    for _ in range(100):
        if not left_running(builder):
            break
        time.sleep(0.1)
    assert left_running(builder) == []
    flag.unlink()
    process = start(builder, "--format", "json")
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors  # no sum is posted of two of the targets
    (bootstrap,) = json.loads(out)["bootstraps"]
    assert [step["fresh"] for step in bootstrap["steps"]] == [False]
    assert [target["fresh"] for target in bootstrap["targets"]] == [False, True, True]
    assert scratch(builder) == []
