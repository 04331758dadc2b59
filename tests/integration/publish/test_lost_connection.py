"""Connections that are cut, servers that die, hosts where nobody listens."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import Server, sshd
from support.publishing import NEW, OLD, look, published, refused


def test_a_lost_connection_is_taken_up_again(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    published(samego, sources[0], server)
    server.relay.cut = server.relay.sent + 80_000
    result = samego("publish", sources[1], server.destination, environment=server.environment)
    assert server.relay.cuts == 1
    assert result.status == 0, result.stderr
    assert "was lost" in result.stderr
    assert "again in 1 s" in result.stderr
    assert look(server)() == NEW


@pytest.mark.parametrize(
    "server",
    # 15 seconds of pauses each: the other transport is tried so in the next test but one.
    ["daemon", pytest.param("ssh", marks=pytest.mark.long)],
    indirect=True,
)
def test_a_connection_that_stays_lost_is_an_error(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    published(samego, sources[0], server)
    server.relay.cut, cut = server.relay.sent + 80_000, threading.Event()

    def go_deaf() -> None:
        while server.relay.cut is not None and not cut.is_set():
            time.sleep(0.001)
        server.relay.deaf = True

    waiting = threading.Thread(target=go_deaf)
    waiting.start()
    line = refused(samego, sources[1], server.destination, dict(server.environment))
    cut.set()
    waiting.join()
    assert re.match(r"the connection to \S+ was lost \(.+\): publish again; the next", line)
    assert look(server)() == OLD
    server.relay.deaf = False
    published(samego, sources[1], server)
    assert look(server)() == NEW


def test_a_server_whose_processes_are_killed_is_a_lost_connection(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        published(samego, sources[0], server)
        server.relay.rate = 150_000.0
        before = server.relay.sent
        process = samego.start(
            ("publish", sources[1], server.destination), environment=server.environment
        )
        assert server.relay.wait(before + 80_000)
        for child in _descendants(server.process.pid):
            os.kill(child, signal.SIGKILL)
        server.relay.rate = None
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        assert "the connection to target:" in stderr
        assert look(server)() == NEW


def _descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs: sshd has one or two for a session."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return [each for child in map(int, children) for each in (child, *_descendants(child))]


@pytest.mark.parametrize(
    "server", ["ssh", pytest.param("daemon", marks=pytest.mark.long)], indirect=True
)
def test_a_host_where_nobody_listens(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    port = str(server.relay.port)
    with contextlib.closing(_held_port()) as free:
        destination = server.destination.replace(port, str(free.getsockname()[1]))
        environment = dict(server.environment)
        if "RSYNC_RSH" in environment:
            environment["RSYNC_RSH"] += f" -p {free.getsockname()[1]}"
        line = refused(samego, sources[0], destination, {**environment})
    assert "Connection refused" in line


def _held_port() -> socket.socket:
    """A port that is bound, so that nobody else takes it, and does not listen."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held
