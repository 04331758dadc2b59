"""A target without room keeps what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from support.cli import Samego, last_error
from support.publish_servers import USER, Server, mounting, rsync_daemon, sshd
from support.publishing import OLD, look, published, refused, watching, write_pages


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
    ],
    ids=["ssh", "daemon"],
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
        # Where rsync's own words are lost on the way, its status alone tells.
        # Who publishes is nobody's business.
        place = re.escape(server.destination.replace(f"{USER}@", ""))
        assert re.match(rf"{place} (is full; |could)", line)
        assert "free space there and publish again" in line
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
    paths = (tmp_path / "disk", sources[0], large, Path(__file__).parents[2])
    done = subprocess.run(
        [*mounting(), sys.executable, "-c", _FULL_DIRECTORY, *paths],
        env=samego.environ({}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert last_error(done.stderr).startswith(f"{tmp_path}/disk/go is full; the published site is")
