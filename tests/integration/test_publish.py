"""Publishing to real servers, killed, cut off and refused at every turn."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import (
    PASSWORD,
    TOKEN,
    Server,
    make_key,
    mounting,
    nginx,
    rsync_daemon,
    sshd,
)
from support.publishing import (
    Pages,
    kill,
    killed_at,
    over_http,
    pages,
    settle,
    stable_files,
    stable_of,
    through_link,
    tree,
    watching,
    write_pages,
)

OLD, NEW = pages(1), pages(2)
CHANGED = {path for path in NEW if OLD.get(path) != NEW[path]}
_STEPS = ("os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.utime", "open")
NETWORK = {"ssh": sshd, "daemon": rsync_daemon, "http": nginx}


@pytest.fixture
def samego(tmp_path: Path) -> Samego:
    return Samego(tmp_path, {"SSH_AUTH_SOCK": None, "http_proxy": None, "HTTP_PROXY": None})


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    return write_pages(tmp_path / "pages1", OLD), write_pages(tmp_path / "pages2", NEW)


@pytest.fixture(params=NETWORK)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with NETWORK[request.param](tmp_path / "server") as running:
        yield running


def look(server: Server) -> Callable[[], Pages]:
    """What a reader of this server sees, as something to be asked again and again."""
    if server.destination.startswith("http"):
        return lambda: over_http(server, OLD, NEW)
    return lambda: through_link(server.root / "go")


def published(samego: Samego, source: Path, server: Server, *options: str) -> str:
    result = samego("publish", source, server.destination, *options, environment=server.environment)
    assert result.status == 0, result.stderr
    return result.stdout


def refused(
    samego: Samego, source: Path, destination: str | Path, environment: dict[str, str | None]
) -> str:
    """The one line of an error; what passes before it is progress."""
    result = samego("publish", source, destination, environment=environment)
    assert result.status == 2, result
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for secret in (PASSWORD, TOKEN):
        assert secret not in result.stderr
    return result.stderr.splitlines()[-1]


# -- what is sent, and what readers see then


def test_a_directory_shows_it_with_links_to_what_is_the_same(
    tmp_path: Path, samego: Samego, sources: tuple[Path, Path]
) -> None:
    target = tmp_path / "srv" / "go"
    target.parent.mkdir()
    first = samego("publish", sources[0], target)
    assert first.stdout.startswith(f"published {len(OLD)} changed files of {len(OLD)} (781 KiB)")
    assert first.stdout.splitlines()[0].split(" to ")[1].startswith(f"{target}; release ")
    assert through_link(target) == OLD
    before = {path: (target / path).stat().st_ino for path in OLD}
    dry = samego("publish", sources[1], target, "--dry-run")
    assert through_link(target) == OLD
    second = samego("publish", sources[1], target)
    assert through_link(target) == NEW
    assert f"published {len(CHANGED)} changed files of {len(NEW)}" in second.stdout
    wanted = [f"would send {path}" for path in sorted(CHANGED)]
    assert dry.stdout.splitlines() == [
        *wanted,
        second.stdout.rstrip().replace("published", "would publish"),
    ]
    same = {path for path, inode in before.items() if inode == _inode(target / path)}
    assert same == set(NEW) - CHANGED
    again = samego("publish", sources[1], target)
    assert re.fullmatch(rf"nothing to do: {target} already shows [0-9a-f]{{8}}\n", again.stdout)


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else -1


def test_a_server_shows_it_and_gets_only_what_changed(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    first = published(samego, sources[0], server)
    assert f"published {len(OLD)} changed files of {len(OLD)}" in first
    assert look(server)() == OLD
    sent = server.relay.sent
    dry = published(samego, sources[1], server, "--dry-run").splitlines()
    assert dry[:-1] == [f"would send {path}" for path in sorted(CHANGED)]
    assert look(server)() == OLD
    assert not list(server.root.rglob("*only-2.json"))
    # rsync sends a checksum of each file; nothing is as large as a page.
    assert server.relay.sent - sent < 15_000
    sent = server.relay.sent
    second = published(samego, sources[1], server)
    assert f"published {len(CHANGED)} changed files of {len(NEW)}" in second
    assert dry[-1] == second.rstrip().replace("published", "would publish")
    assert look(server)() == NEW
    # Over HTTP once more to where each file always is.
    wanted = sum(len(NEW[path]) for path in CHANGED)
    wanted *= 2 if server.destination.startswith("http") else 1
    assert wanted < server.relay.sent - sent < 1.5 * wanted
    assert published(samego, sources[1], server).startswith("nothing to do: ")
    if server.destination.startswith("http"):
        assert stable_files(server) == stable_of(NEW)
    assert not list(server.root.rglob(".samego-site.json"))


def test_releases_go_when_nobody_needs_them(samego: Samego, tmp_path: Path, server: Server) -> None:
    sources = [write_pages(tmp_path / f"p{number}", pages(number)) for number in range(4)]
    for source in sources[:3]:
        published(samego, source, server)
    assert len(_releases(server)) == 3
    _age(server)
    published(samego, sources[3], server)
    # The one that is shown, and the one that was shown before.
    kept = [set(tree(path)) for path in _releases(server)]
    assert sorted(sorted(names & {f"only-{n}.json" for n in range(4)}) for names in kept) == [
        ["only-2.json"],
        ["only-3.json"],
    ]


def _releases(server: Server) -> list[Path]:
    kept = server.root / ".go.releases"
    kept = kept if kept.exists() else server.root / "go" / "published"
    return sorted(path for path in kept.iterdir() if path.is_dir())


def _age(server: Server) -> None:
    """Make it two days later for all that is there."""
    known = server.root / "go" / "published" / "known.json"
    if server.destination.startswith("http"):
        known.write_text(re.sub(r": \d+\.\d+", ": 1.0", known.read_text("utf-8")), "utf-8")
        return
    for path in _releases(server):
        os.utime(path, (time.time() - 200_000,) * 2)


def test_a_server_that_copies_and_deletes_nothing_still_shows_it(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with nginx(tmp_path / "server", methods="PUT", bearer=True) as server:
        published(samego, sources[0], server)
        result = samego("publish", sources[1], server.destination, environment=server.environment)
        assert f"published {len(NEW)} changed files of {len(NEW)}" in result.stdout
        assert "only-1.json is outdated and stays there" in result.stderr
        assert look(server)() == NEW
        assert stable_files(server) == {**stable_of(OLD), **stable_of(NEW)}
        dry = published(samego, write_pages(tmp_path / "p3", pages(3)), server, "--dry-run")
        assert f"would publish {len(NEW)} changed files of {len(NEW)}" in dry


def test_rrsync_may_restrict_the_key(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    root = tmp_path / "server" / "root"
    with sshd(tmp_path / "server", restrict=f'restrict,command="rrsync {root}" ') as server:
        assert server.destination == "target:/go"
        published(samego, sources[0], server)
        second = published(samego, sources[1], server)
        assert f"published {len(CHANGED)} changed files of {len(NEW)}" in second
        assert look(server)() == NEW


# -- killed


def test_killed_at_any_step_a_directory_shows_the_old_or_the_new(
    tmp_path: Path, samego: Samego
) -> None:
    few = {"index.html": b"1", "a/b.json": b"1", "same.css": b"p{}", "gone.html": b""}
    then = {"index.html": b"2", "a/b.json": b"2", "same.css": b"p{}", "a/c/new.html": b"n"}
    sources = write_pages(tmp_path / "p1", few), write_pages(tmp_path / "p2", then)
    for step in range(1, 100, 2):
        target = tmp_path / f"srv{step}" / "go"
        target.parent.mkdir()
        assert samego("publish", sources[0], target).status == 0
        arguments = ("publish", sources[1], target)
        if not killed_at(step, _STEPS, ".go.releases", arguments, samego, {}):
            break
        assert through_link(target) in (few, then)
        killed_at(step + 1, _STEPS, ".go.releases", arguments, samego, {})
        assert through_link(target) in (few, then)
        assert samego("publish", sources[1], target).status == 0
        assert through_link(target) == then
        assert not {path.name for path in target.parent.iterdir()} - {"go", ".go.releases"}
    # The lock, five directories and a time, three copies, one link, a link renamed.
    assert 10 <= step < 99
    assert through_link(target) == then


def test_killed_twice_a_directory_shows_the_old_until_the_new_is_there(
    tmp_path: Path, samego: Samego, sources: tuple[Path, Path]
) -> None:
    target = tmp_path / "go"
    samego("publish", sources[0], target)
    with watching(lambda: through_link(target), OLD, NEW) as watcher:
        for step in (20, 45):
            arguments = ("publish", sources[1], target)
            assert killed_at(step, _STEPS, ".go.releases", arguments, samego, {})
            assert through_link(target) == OLD
        third = samego("publish", sources[1], target)
    assert watcher.looks > 5
    assert watcher.odd == []
    assert through_link(target) == NEW
    match = re.match(r"published (\d+) changed files", third.stdout)
    assert match
    assert 0 < int(match[1]) < len(CHANGED)


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
    if server.destination.startswith("http"):
        assert stable_files(server) == stable_of(NEW)


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
        assert [words for words in _command_lines() if mark in words and b"ssh\0-F" in words]
        process.terminate()
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 143
        assert stderr.splitlines()[-1] == "samego: ended by SIGTERM"
        settle()
        assert not [words for words in _command_lines() if mark in words]
        assert look(server)() == {}


@pytest.mark.parametrize(("transport", "pauses"), [("ssh", (0.25,)), ("daemon", (0.01, 0.1))])
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


def test_killed_at_any_request_http_shows_the_old_or_the_new(
    tmp_path: Path, samego: Samego
) -> None:
    few = {"index.html": b"1", "a/list": b"1", "same.css": b"p{}", "gone.json": b"1"}
    then = {"index.html": b"2", "a/list": b"2", "same.css": b"p{}", "new.json": b"2"}
    sources = write_pages(tmp_path / "p1", few), write_pages(tmp_path / "p2", then)
    events = ("http.client.send",)
    with nginx(tmp_path / "server") as server:
        published(samego, sources[0], server)
        for step in range(1, 99, 6):
            was, will = (few, then) if step % 12 == 1 else (then, few)
            source = sources[1] if will is then else sources[0]
            arguments = ("publish", source, server.destination)
            killed = False
            for at in (step, step + 3):
                killed |= killed_at(at, events, "", arguments, samego, server.environment)
                assert over_http(server, few, then) in (was, will)
                _assert_stable_files_are_whole(server, few, then)
            published(samego, source, server)
            assert over_http(server, few, then) == will
            assert stable_files(server) == stable_of(will)
            if not killed:
                break
    # At least the files, the records and the front page.
    assert 20 < step < 97


def _assert_stable_files_are_whole(server: Server, *allowed: Pages) -> None:
    for path, data in stable_files(server).items():
        assert data in [held[path] for held in allowed if path in held]


def _unsettled(server: Server) -> bool:
    record = (server.root / "go" / "published" / "current.json").read_text("utf-8")
    return '"unsettled": []' not in record


def test_what_an_interrupted_switch_changed_is_settled_by_another_release(
    tmp_path: Path, samego: Samego
) -> None:
    first, second = {"index.html": b"1", "list": b"1"}, {"index.html": b"2", "list": b"2"}
    # The data is again what it was before the switch that was interrupted.
    third = {"index.html": b"3", "list": b"1"}
    sources = [
        write_pages(tmp_path / f"p{n}", held) for n, held in enumerate((first, second, third))
    ]
    with nginx(tmp_path / "server") as server:
        published(samego, sources[0], server)
        for step in range(1, 60):
            arguments = ("publish", sources[1], server.destination)
            assert killed_at(step, ("http.client.send",), "", arguments, samego, server.environment)
            if stable_files(server) == {"list": b"2"}:
                break
        assert _unsettled(server)
        published(samego, sources[2], server)
        assert over_http(server, first, second, third) == third
        assert stable_files(server) == {"list": b"1"}


# -- cut off, refused, full


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
    assert re.match(
        r"samego: the connection to \S+ was lost \(.+\): publish again, which goes", line
    )
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
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        for child in children.read_text("utf-8").split():
            os.kill(int(child), 9)
        server.relay.rate = None
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        assert "the connection to target:" in stderr
        assert look(server)() == NEW


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


def test_a_refused_key_and_an_unknown_host(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        destination, environment = server.destination, dict(server.environment)
        other = {"SAMEGO_PUBLISH_SSH_KEY": str(make_key(tmp_path / "other key"))}
        line = refused(samego, sources[0], destination, {**environment, **other})
        assert line.startswith(f"samego: {destination} refuses the key: add its public half to")
        lacking = {"SAMEGO_PUBLISH_SSH_KEY": str(tmp_path / "none")}
        line = refused(samego, sources[0], destination, {**environment, **lacking})
        assert line.startswith(f"samego: there is no ssh key {tmp_path}/none: ")
        known = tmp_path / "server" / "known_hosts"
        right = known.read_text("utf-8")
        known.write_text("", "utf-8")
        line = refused(samego, sources[0], destination, {**environment})
        assert "ssh does not know" in line
        known.write_text(f"target {(tmp_path / 'other key.pub').read_text('utf-8')}", "utf-8")
        line = refused(samego, sources[0], destination, {**environment})
        assert "shows another host key than ssh knows" in line
        known.write_text(right, "utf-8")
        line = refused(samego, sources[0], f"{destination}/deep/er", {**environment})
        assert "lacks the directory that is to hold the pages" in line
        published(samego, sources[0], server)


def test_a_key_whose_name_has_spaces_is_used(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    with sshd(tmp_path / "server") as server:
        spaced = Path(server.environment["SAMEGO_PUBLISH_SSH_KEY"]).rename(tmp_path / "my 'key'")
        environment = {**server.environment, "SAMEGO_PUBLISH_SSH_KEY": str(spaced)}
        result = samego("publish", sources[0], server.destination, environment=environment)
        assert result.status == 0, result.stderr


@pytest.mark.parametrize(
    ("transport", "wrong", "said"),
    [
        ("daemon", {"RSYNC_PASSWORD": "no"}, "refuses the user or password"),
        ("daemon", {"RSYNC_PASSWORD": None}, "refuses the user or password"),
        ("http", {"SAMEGO_PUBLISH_PASSWORD": "no"}, "wants other credentials (401)"),
        ("http", {"SAMEGO_PUBLISH_PASSWORD": None}, "does not say who publishes"),
    ],
)
def test_a_wrong_password(
    samego: Samego,
    sources: tuple[Path, Path],
    tmp_path: Path,
    transport: str,
    wrong: dict[str, str | None],
    said: str,
) -> None:
    with NETWORK[transport](tmp_path / "server") as server:
        began = time.monotonic()
        environment = {**server.environment, **wrong}
        assert said in refused(samego, sources[0], server.destination, environment)
        # Nobody tries a wrong password five times.
        assert time.monotonic() - began < 5


def test_credentials_stand_in_a_file_and_nowhere_else(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "publish.toml"
    file.write_text(f'token = "{TOKEN}"\n', "utf-8")
    file.chmod(0o640)
    environment: dict[str, str | None] = {"SAMEGO_PUBLISH_CREDENTIALS": str(file)}
    with nginx(tmp_path / "server", bearer=True) as server:
        line = refused(samego, sources[0], server.destination, environment)
        assert "is open to other users (mode 0640)" in line
        file.chmod(0o600)
        server.relay.rate = 200_000.0
        process = samego.start(("publish", sources[0], server.destination), environment=environment)
        assert server.relay.wait(100_000)
        assert _command_lines()
        assert not [words for words in _command_lines() if TOKEN.encode() in words]
        server.relay.rate = None
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        assert TOKEN not in stdout + stderr
        logged = (tmp_path / "server" / "access.log").read_text("utf-8")
        assert TOKEN not in logged
        assert not [
            p for p in server.root.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()
        ]


def _command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return lines


@pytest.fixture
def may_mount() -> None:
    if subprocess.run([*mounting(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
                      capture_output=True).returncode:  # fmt: skip
        pytest.skip("the kernel lets nobody mount here; tests/unit has a copy that finds no room")


@pytest.mark.usefixtures("may_mount")
@pytest.mark.parametrize(
    "serve",
    [
        lambda where: sshd(where, room="1200k"),
        lambda where: rsync_daemon(where, room="1200k"),
        # Each file but the front page lies there twice.
        lambda where: nginx(where, room="2000k"),
    ],
    ids=["ssh", "daemon", "http"],
)
def test_a_full_server_keeps_what_it_shows(
    samego: Samego,
    sources: tuple[Path, Path],
    tmp_path: Path,
    serve: Callable[[Path], AbstractContextManager[Server]],
) -> None:
    large = write_pages(tmp_path / "large", {**OLD, "large.html": os.urandom(1_000_000)})
    with serve(tmp_path / "server") as server:
        published(samego, sources[0], server)
        with watching(look(server), OLD) as watcher:
            line = refused(samego, large, server.destination, dict(server.environment))
        if server.destination.startswith("http"):
            # nginx has no other word for it.
            assert re.match(
                r"samego: the server of \S+ could not store it \(500\): its disk is", line
            )
        else:
            # Where rsync's own words are lost on the way, its status alone tells.
            assert re.match(rf"samego: {re.escape(server.destination)} (is full; |could)", line)
            assert "make room there and publish again" in line
        assert watcher.odd == []
        assert watcher.looks
        assert look(server)() == OLD


_FULL_DIRECTORY = """
import subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", sys.argv[1]], check=True)
from samego.cli.main import main
target = sys.argv[1] + "/go"
assert main(["-q", "publish", sys.argv[2], target]) == 0
status = main(["-q", "publish", sys.argv[3], target])
sys.path.append(sys.argv[4])
from pathlib import Path
from support.publishing import pages, through_link
assert through_link(Path(target)) == pages(1)
sys.exit(status)
"""


@pytest.mark.usefixtures("may_mount")
def test_a_full_directory_keeps_what_it_shows(
    samego: Samego, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    large = write_pages(tmp_path / "large", {**OLD, "large.html": os.urandom(1_000_000)})
    (tmp_path / "disk").mkdir()
    paths = (tmp_path / "disk", sources[0], large, Path(__file__).parents[1])
    done = subprocess.run(
        [*mounting(), sys.executable, "-c", _FULL_DIRECTORY, *paths],
        env=samego.environ({}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"samego: {tmp_path}/disk/go is full; it still shows what it")


# -- what is not samego's


def test_what_somebody_else_put_there_stays(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    theirs = server.root / "go"
    theirs.mkdir(exist_ok=True)
    (theirs / "index.html").write_text("mine", "utf-8")
    line = refused(samego, sources[0], server.destination, dict(server.environment))
    assert " that samego did not make: move it away, or publish under another name" in line
    assert {path.name for path in server.root.rglob("*")} == {"go", "index.html"}
    assert (theirs / "index.html").read_text("utf-8") == "mine"


# -- two at once


def test_two_publishers_at_once_leave_one_whole_release(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    published(samego, sources[0], server)
    other = write_pages(sources[0].parent / "pages3", pages(3))
    over_web = server.destination.startswith("http")
    # Over HTTP a reader asks for names, and these two have names of their own.
    third = {path: data for path, data in pages(3).items() if not over_web or path in {*OLD, *NEW}}
    with watching(look(server), OLD, NEW, third) as watcher:
        runs = [
            samego.start(("publish", source, server.destination), environment=server.environment)
            for source in (sources[1], other, sources[1])
        ]
        ended = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]
    for stderr, status in ended:
        # There is no lock over HTTP: who sees another at it leaves the place to that one.
        assert status == 0 or (over_web and "somebody else publishes to" in stderr), stderr
    assert watcher.odd == []
    assert look(server)() in (OLD, NEW, third) if over_web else (NEW, third)
    published(samego, other, server)
    assert look(server)() == third


def test_a_second_publisher_of_a_directory_waits(
    tmp_path: Path, samego: Samego, sources: tuple[Path, Path]
) -> None:
    target = tmp_path / "go"
    samego("publish", sources[0], target)
    with (tmp_path / ".go.releases" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = samego.start(("publish", sources[1], target))
        time.sleep(1.5)
        assert process.poll() is None
        assert through_link(target) == OLD
    _, stderr = process.communicate(timeout=60)
    assert f"waiting for who else publishes to {target}" in stderr
    assert through_link(target) == NEW
