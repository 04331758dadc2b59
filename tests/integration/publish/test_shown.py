"""What is sent, and what readers see then."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from support.cli import Samego
from support.publish_servers import Server, sshd
from support.publishing import (
    CHANGED,
    NEW,
    OLD,
    look,
    pages,
    published,
    refused,
    through_link,
    tree,
    write_pages,
)


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
    wanted = sum(len(NEW[path]) for path in CHANGED)
    assert wanted < server.relay.sent - sent < 1.5 * wanted
    assert published(samego, sources[1], server).startswith("nothing to do: ")
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
    return sorted(path for path in (server.root / ".go.releases").iterdir() if path.is_dir())


def _age(server: Server) -> None:
    """Make it two days later for all that is there."""
    for path in _releases(server):
        os.utime(path, (time.time() - 200_000,) * 2)


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
