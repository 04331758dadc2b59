"""Several publishers of one target at once."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path

import pytest

from support.cli import Samego
from support.publish_servers import Server
from support.publishing import NEW, OLD, look, pages, published, through_link, watching, write_pages


@pytest.mark.parametrize(
    "server",
    # What they do at once is the same over ssh, and takes longer.
    ["daemon", pytest.param("ssh", marks=pytest.mark.long)],
    indirect=True,
)
def test_two_publishers_at_once_leave_one_whole_release(
    samego: Samego, sources: tuple[Path, Path], server: Server
) -> None:
    published(samego, sources[0], server)
    other = write_pages(sources[0].parent / "pages3", pages(3))
    third = pages(3)
    with watching(look(server), OLD, NEW, third) as watcher:
        runs = [
            samego.start(("publish", source, server.destination), environment=server.environment)
            for source in (sources[1], other, sources[1])
        ]
        ended = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]
    for stderr, status in ended:
        assert status == 0, stderr
    assert watcher.odd == []
    assert look(server)() in (NEW, third)
    published(samego, other, server)
    assert look(server)() == third


def test_a_second_publisher_of_a_directory_waits(
    tmp_path: Path, samego: Samego, sources: tuple[Path, Path]
) -> None:
    target = tmp_path / "go"
    samego("publish", sources[0], target)
    with (tmp_path / ".go.releases" / "held").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = samego.start(("publish", sources[1], target))
        assert process.stderr is not None
        said = f"samego: waiting for who else publishes to {target}\n"
        assert said in iter(process.stderr.readline, "")
        time.sleep(0.5)
        assert process.poll() is None
        assert through_link(target) == OLD
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert through_link(target) == NEW
