"""A hook in somebody else's job: it ends in time, and that job's environment does not reach it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from samego.cli.own_command import own_command
from samego.system.processes import family
from support.cli import the_error
from support.debian_packages import DebMaker
from support.web import Web, serve

pytestmark = pytest.mark.timeout(120)


class Job:
    """A build's job that calls the hook sbuild as its installed file does."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.debs = DebMaker(work).write_all()
        (work / "home").mkdir()
        self.command = [*shlex.split(own_command(Path("/"))), "hook", "run", "sbuild", "--"]

    def environ(self, more: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.work / "home"),
            "SAMEGO_SPOOL": str(self.work / "reports"),
            "SAMEGO_CACHE": str(self.work / "cache"),
            **more,
        }

    def start(self, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *map(str, self.debs)],
            cwd=self.work,
            env=self.environ(more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **more: str) -> tuple[int, str, float]:
        began = time.monotonic()
        with self.start(**more) as process:
            out, err = process.communicate(timeout=100)
        assert not out
        return process.returncode, err, time.monotonic() - began


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.fixture
def dripping() -> Iterator[Web]:
    """A server that sends a byte every 0.1 s, for ever."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(600):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    with serve() as web:
        web.fallback = drip
        yield web


def only(web: Web) -> dict[str, str]:
    """The settings with which nobody else is asked."""
    return {
        "SAMEGO_CHANNEL": "go.dev/dl",
        "SAMEGO_GODEV_URL": f"{web.url}/dl",
        "GOPROXY": "off",
    }


def test_a_dripping_server_is_given_up_by_the_deadline(job: Job, dripping: Web) -> None:
    status, told, seconds = job.run(**only(dripping), SAMEGO_DEADLINE_HOOK="2")
    assert status == 0
    assert "not decided: the check took longer than 2 s and was ended" in told
    assert seconds < 30
    status, told, _ = job.run(
        **only(dripping), SAMEGO_DEADLINE_HOOK="2", SAMEGO_ENFORCE="explained"
    )
    assert status == 2
    assert "samego: error: the check took longer than 2 s" in told


def test_a_dead_network_is_an_error_at_once(job: Job) -> None:
    status, told, seconds = job.run(
        SAMEGO_CHANNEL="go.dev/dl", SAMEGO_GODEV_URL="http://127.0.0.1:9/dl", GOPROXY="off"
    )
    assert status == 0
    assert told.startswith("samego: not decided: ")
    assert "127.0.0.1" in told
    assert seconds < 30


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_hook_that_waits(job: Job, dripping: Web, number: signal.Signals) -> None:
    with job.start(**only(dripping)) as process:
        while not dripping.asked:
            time.sleep(0.05)
        process.send_signal(number)
        began = time.monotonic()
        process.communicate(timeout=60)
        assert process.returncode == 128 + number
        assert time.monotonic() - began < 20


def test_a_check_that_is_killed_fails_no_build(job: Job, dripping: Web) -> None:
    with job.start(**only(dripping)) as process:
        while not dripping.asked:
            time.sleep(0.05)
        (copy,) = family(process.pid)[1:]
        os.kill(copy, signal.SIGKILL)
        _out, told = process.communicate(timeout=60)
        assert process.returncode == 0
        error = the_error(told, prefix="samego: ")
        assert error == "the check was ended by SIGKILL: run it again"


def test_a_hook_that_is_killed_leaves_no_check_behind(job: Job, dripping: Web) -> None:
    with job.start(**only(dripping)) as process:
        while not dripping.asked:
            time.sleep(0.05)
        (copy,) = family(process.pid)[1:]
        process.kill()
        process.communicate(timeout=60)
    end = time.monotonic() + 20
    while Path(f"/proc/{copy}/cmdline").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{copy}/cmdline").exists()


@pytest.mark.parametrize("name", ["requests", "samego", "sitecustomize", "json"])
def test_pythonpath_of_a_build_reaches_no_hook(job: Job, name: str) -> None:
    planted = job.work / "planted"
    planted.mkdir()
    (planted / f"{name}.py").write_text(f"open({str(job.work / 'seen')!r}, 'w')\n", "utf-8")
    status, told, _ = job.run(
        PYTHONPATH=str(planted), PYTHONSTARTUP=str(planted / f"{name}.py"), SAMEGO_OFFLINE="1"
    )
    assert status == 0
    assert told.startswith("samego: not decided: no channel has go1.24.4 linux-amd64")
    assert not (job.work / "seen").exists()


def test_where_a_build_runs_no_module_is_taken_from(job: Job) -> None:
    (job.work / "requests.py").write_text(f"open({str(job.work / 'seen')!r}, 'w')\n", "utf-8")
    assert job.run(SAMEGO_OFFLINE="1")[0] == 0
    assert not (job.work / "seen").exists()
