"""Publishers killed in the middle, twice: the reader sees the old or the new state."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import NETWORK, Server, sshd
from support.publishing import (
    CHANGED,
    DIRECTORY_STEPS,
    DIRECTORY_WORDS,
    NEW,
    OLD,
    command_lines,
    kill,
    killed_at,
    look,
    published,
    settle,
    through_link,
    watching,
)


def test_killed_twice_a_directory_shows_the_old_until_the_new_is_there(
    tmp_path: Path, samego: Samego, sources: tuple[Path, Path]
) -> None:
    target = tmp_path / "go"
    samego("publish", sources[0], target)
    with watching(lambda: through_link(target), OLD, NEW) as watcher:
        for step in (20, 45):
            arguments = ("publish", sources[1], target)
            assert killed_at(step, DIRECTORY_STEPS, DIRECTORY_WORDS, arguments, samego, {})
            assert through_link(target) == OLD
        third = samego("publish", sources[1], target)
    assert watcher.looks > 5
    assert watcher.odd == []
    assert through_link(target) == NEW
    match = re.match(r"published (\d+) changed files", third.stdout)
    assert match
    assert 0 < int(match[1]) < len(CHANGED)


@pytest.mark.parametrize(
    "server",
    # A daemon is killed in each of its connections below.
    ["ssh", pytest.param("daemon", marks=pytest.mark.long)],
    indirect=True,
)
def test_killed_twice_a_server_shows_the_old_until_the_new_is_there(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    published(samego, sources[0], server)
    changed = sum(len(NEW[path]) for path in CHANGED)
    arguments = ("publish", sources[1], server.destination)
    server.relay.rate = 80_000.0
    with watching(look(server), OLD, NEW) as watcher:
        for part in (0.3, 0.15):
            before = server.relay.sent
            process = samego.start(arguments, environment=server.environment)
            # What a handshake and the checksums take, and a part of the pages.
            assert server.relay.wait(before + 12_000 + round(part * changed))
            kill(process)
            # What it had started ends as well, when it next sends something.
            server.relay.cut = 0
            settle(0.5)
            server.relay.cut = None
            assert look(server)() == OLD
        server.relay.rate = None
        third = published(samego, sources[1], server)
    assert watcher.looks > 5
    assert watcher.odd == []
    assert look(server)() == NEW
    match = re.match(r"published (\d+) changed files", third)
    assert match
    # What was there already was not sent again.
    assert 0 < int(match[1]) < 0.8 * len(CHANGED)


def test_ended_by_a_signal_rsync_and_ssh_end_too(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        server.relay.rate = 50_000.0
        process = samego.start(
            ("publish", sources[0], server.destination), environment=server.environment
        )
        assert server.relay.wait(100_000)
        mark = str(tmp_path / "server" / "ssh_config").encode()
        assert [words for words in command_lines() if mark in words and b"ssh\0-F" in words]
        process.terminate()
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 143
        assert stderr.splitlines()[-1] == "error: ended by SIGTERM"
        settle()
        assert not [words for words in command_lines() if mark in words]
        assert look(server)() == {}


@pytest.mark.parametrize(
    ("transport", "pauses"),
    [
        # ssh's own connection is killed in the tests above; each of its runs takes seconds here.
        pytest.param("ssh", (0.25,), marks=pytest.mark.long),
        ("daemon", (0.01, 0.1)),
    ],
)
def test_killed_in_any_of_its_connections_rsync_shows_the_old_or_the_new(
    tmp_path: Path,
    samego: Samego,
    sources: tuple[Path, Path],
    transport: str,
    pauses: tuple[float, ...],
) -> None:
    with NETWORK[transport](tmp_path / "server") as server:
        published(samego, sources[0], server)
        with watching(look(server), OLD, NEW) as watcher:
            for number in range(1, 6):
                for pause in pauses:
                    source = sources[number % 2]
                    _kill_in_connection(samego, source, server, number, pause)
                    assert look(server)() in (OLD, NEW)
            published(samego, sources[0], server)
            published(samego, sources[1], server)
        assert watcher.odd == []
        assert look(server)() == NEW


def _kill_in_connection(
    samego: Samego, source: Path, server: Server, number: int, pause: float
) -> None:
    """Kill a run some seconds into its Nth connection; one with fewer ends by itself."""
    before = server.relay.connections
    process = samego.start(("publish", source, server.destination), environment=server.environment)
    while server.relay.connections < before + number and process.poll() is None:
        time.sleep(0.001)
    time.sleep(pause)
    process.kill()
    process.communicate(timeout=30)
    settle(0.1)
