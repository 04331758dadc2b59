"""``samego watch`` as a user meets it: passes, sweeps, kills, and what is told of them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.cli import Samego
from support.godev_server import Fault, GoDev, serve
from support.watch_world import RELEASE, World

RUNS = "SELECT version, verdict FROM run ORDER BY version, id"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serve(GoDev()) as godev:
        yield World(tmp_path, godev)


def notifier(world: World, body: str = "") -> tuple[str, Path]:
    """A command that keeps what it is told, and where."""
    out, script = world.directory / "told", world.directory / "tell"
    script.write_text(f"#!/bin/sh\n{body}\ncat >> {out}\n")
    script.chmod(0o755)
    return str(script), out


def notified(path: Path) -> list[str]:
    """The kinds of what was told, in order."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split('"')[3] for line in lines if line.strip().startswith('"kind"')]


def runs(world: World) -> int:
    """How many runs the history has; none where it is only being made."""
    with contextlib.suppress(sqlite3.OperationalError):
        return len(world.rows(RUNS))
    return 0


def wait_for(what: Callable[[], object]) -> None:
    """Wait until this holds."""
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def processes(word: str) -> list[int]:
    """The processes with this word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def test_what_is_new_is_checked_kept_and_told_once(world: World) -> None:
    world.ship("1.24.99-1")
    result = world.watch()
    assert result.status == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("checked: go 1.24.99-1 x86_64 is go1.24.99 linux-amd64: explained")
    assert lines[1].startswith(
        f"note: go.dev/dl at {world.godev.url}/dl posts 5 releases in 5 file"
    )
    assert lines[2:] == ["read 2 sources; checked 1 of 1; 0 waiting; 1 news"]
    assert world.rows(RUNS) == [("1.24.99-1", "explained")]
    assert world.watch().stdout == "read 2 sources; checked 0 of 0; 0 waiting; 0 news\n"
    assert world.rows(RUNS) == [("1.24.99-1", "explained")]


def test_what_got_worse_is_said_before_all_else_with_status_1(world: World) -> None:
    world.ship("1.24.99-1")
    world.watch()
    world.ship("1.24.99-2", changed={"opt/go/bin/go": b"another program\n"})
    world.ship("1.24.99-3", how="broken")
    result = world.watch()
    assert result.status == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "worse: go 1.24.99-2 x86_64: unexplained, 1.24.99-1 was explained"
    assert lines[1].startswith("waiting: birch:main/go=1.24.99-3, tried 1 time since")
    assert lines[1].endswith("this package is broken: wait for another one")
    assert lines[2].endswith("checked 1 of 2; 1 waiting; 2 news, 1 of them bad")


def test_what_could_not_be_checked_waits_its_time_and_is_not_lost(world: World) -> None:
    world.ship("1.24.99-1", how="broken")
    assert world.watch().status == 2
    # Not due yet.
    again = world.passed()
    assert [(row["spec"], row["tries"]) for row in again["waiting"]] == [
        ("birch:main/go=1.24.99-1", 1)
    ]
    assert again["checked"] == 0
    shown = world.watch("--waiting")
    assert shown.status == 0
    assert "birch:main/go=1.24.99-1, tried 1 time" in shown.stdout
    world.behave("1.24.99-1")
    assert world.watch("--retry").status == 0
    assert (world.passed()["waiting"], len(world.rows(RUNS))) == ([], 1)


def test_a_release_that_upstream_changes_or_withdraws_is_the_loudest(world: World) -> None:
    world.ship("1.24.99-1")
    world.watch()
    world.withdraw("go1.23.0")
    world.post(**{"go1.23.1": b"other bytes", "go1.23.9": b"new"})
    command, out = notifier(world)
    result = world.watch("--notify", command)
    assert result.status == 1
    lines = result.stdout.splitlines()
    name = f"go.dev/dl at {world.godev.url}/dl"
    assert lines[:3] == [
        f"CHANGED!: {name} has changed go1.23.1.src.tar.gz of go1.23.1: the same name, other bytes",
        f"WITHDRAWN!: {name} has withdrawn go1.23.0.src.tar.gz of go1.23.0",
        f"posted: {name} posts go1.23.9: go1.23.9.src.tar.gz",
    ]
    assert notified(out) == ["changed", "withdrawn", "posted", "checked"]
    time.sleep(1.1)  # the history counts seconds
    later = world.watch("--notify", command)
    assert later.status == 0
    assert [line.split(",")[0] for line in later.stdout.splitlines()[:2]] == [
        f"STILL: {name} has withdrawn go1.23.0.src.tar.gz of go1.23.0",
        f"STILL: {name} has changed go1.23.1.src.tar.gz of go1.23.1",
    ]
    assert notified(out) == ["changed", "withdrawn", "posted", "checked"]
    assert world.watch("--seen").stdout == "2 files seen\n"
    assert "STILL" not in world.watch().stdout


def test_what_a_command_failed_to_tell_is_told_in_the_next_pass(world: World) -> None:
    world.ship("1.24.99-1")
    command, out = notifier(world, "test -e ready || { echo not yet >&2; exit 7; }")
    result = world.watch("--notify", command)
    assert result.status == 2
    assert "could not notify: checked 1: " in result.stdout
    assert "tell ended with status 7: not yet" in result.stdout
    assert notified(out) == []
    (world.directory / "ready").touch()
    assert world.watch("--notify", command).status == 0
    assert notified(out) == ["checked"]


def test_a_check_over_its_memory_waits_and_says_so(world: World) -> None:
    world.ship("1.24.99-1", how="hungry 300")
    world.ship("1.24.99-2")
    result = world.watch("--memory", "256MiB")
    assert result.status == 2
    assert world.rows(RUNS) == [("1.24.99-2", "explained")]
    ((message,),) = world.rows("SELECT message FROM waiting")
    assert "there is not enough memory" in message
    assert world.watch("--memory", "1GiB", "--retry").status == 0
    assert len(world.rows(RUNS)) == 2


def test_too_little_memory_is_refused_before_anything_is_done(world: World) -> None:
    result = world.watch("--memory", "600MiB", "--jobs", "3")
    assert result.status == 2
    assert "--memory 600MiB leaves 200 MiB to each of 3" in result.stderr
    assert not world.history.exists()


def test_two_passes_at_once_are_one(world: World) -> None:
    world.ship("1.24.99-1", how="slow 5")
    with world.samego.start(["watch", "--quiet"]) as first:
        wait_for(lambda: processes("birch:main/go=1.24.99-1"))
        second = world.watch()
        assert second.status == 2
        assert "another 'samego watch' is running on this history" in second.stderr
        out, _err = first.communicate(timeout=60)
    assert first.returncode == 0, out
    assert len(world.rows(RUNS)) == 1


def test_a_sweep_that_is_killed_twice_goes_on_where_it_was(world: World) -> None:
    versions = [f"1.24.99-{number}" for number in range(1, 9)]
    for version in versions:
        world.ship(version, how="slow 0.7")
    sweep = ["watch", "--quiet", "--sweep", "all", "--jobs", "2"]
    for killed in (1, 2):
        with world.samego.start(sweep) as process:
            wait_for(lambda: runs(world) >= 2 * killed)  # noqa: B023 - called at once
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        # The runs do not outlive their pass.
        wait_for(lambda: not processes("birch:main/go="))
    done = [version for version, _verdict in world.rows(RUNS)]
    assert 4 <= len(done) < 8
    result = world.samego(*sweep)
    assert result.status == 0, result.stdout
    assert result.stdout.splitlines()[-1].endswith(
        f"checked {8 - len(done)} of {8 - len(done)}; 0 waiting; {8 - len(done)} news"
    )
    assert [version for version, _verdict in world.rows(RUNS)] == versions
    left = list((world.directory / ".cache/samego/watch").rglob("*"))
    assert [path for path in left if path.is_file()] == []
    # It has ended: the same again is another one.
    again = world.samego(*sweep)
    assert again.status == 0, f"{again.stdout}\n{again.stderr}"
    assert len(world.rows(RUNS)) == 16, f"{again.stdout}\n{again.stderr}"


def test_ending_a_pass_ends_its_runs_and_leaves_nothing(world: World) -> None:
    world.ship("1.24.99-1", how="slow 30")
    with world.samego.start(["watch", "--quiet"]) as process:
        wait_for(lambda: processes("birch:main/go=1.24.99-1"))
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert processes("birch:main/go=1.24.99-1") == []
    assert not list((world.directory / ".cache/samego/watch").glob("*/*"))
    assert world.rows("SELECT spec, tries FROM waiting") == [("birch:main/go=1.24.99-1", 0)]
    shown = world.watch("--waiting").stdout
    assert shown.startswith("waiting: birch:main/go=1.24.99-1: not checked yet\n")


def test_sources_that_do_not_answer_are_named_and_keep_what_they_had(world: World) -> None:
    world.ship("1.24.99-1")
    world.watch()
    (world.directory / "mirror").rename(world.directory / "away")
    world.godev.faults["/dl/?mode=json&include=all"] = Fault(status=503)
    result = world.watch()
    assert result.status == 2
    lines = result.stdout.splitlines()
    assert lines[0].startswith("could not read: go.dev/dl: ")
    assert lines[1] == "could not read: birch main: Birch's mirror does not answer: try again"
    assert world.rows("SELECT count(*) FROM offer WHERE gone IS NULL") == [(1,)]
    assert world.rows("SELECT count(*) FROM posted WHERE gone IS NOT NULL") == [(0,)]
    offline = world.watch("--offline")
    assert (offline.status, offline.stdout.count("could not read")) == (2, 2)


def test_what_waits_can_be_let_go(world: World) -> None:
    world.ship("1.24.99-1", how="broken")
    world.watch()
    (world.directory / "mirror/main/go-1.24.99-1.alder").unlink()
    assert world.watch("--forget", "birch:main/go=7").status == 2
    assert world.watch("--forget", "birch:main/go=1.24.99-1").stdout == "1 name forgotten\n"
    assert world.passed()["waiting"] == []


def test_a_sweep_of_names_and_files_leaves_the_rest_alone(world: World) -> None:
    world.ship("1.24.99-1")
    world.ship("1.24.99-2")
    result = world.watch("--sweep", "birch:main/go=1.24.99-2", "birch:main/go=9")
    assert result.status == 2
    assert world.rows(RUNS) == [("1.24.99-2", "explained")]
    assert world.rows("SELECT spec FROM waiting") == [("birch:main/go=9",)]
    assert world.watch("--sweep", "go1.5..go1.6").status == 2
    assert world.watch("--sweep", "x", "--rebuild-releases", "no").status == 2


def test_a_pass_as_json_has_the_items_that_are_told(world: World) -> None:
    world.ship("1.24.99-1")
    command, out = notifier(world)
    done = world.passed("--notify", command)
    assert done["schema"] == "samego.watch/1"
    (item,) = done["news"]
    assert item == json.loads(out.read_text())
    assert (item["release"], item["package"], item["spec"]) == (
        RELEASE,
        "go",
        "birch:main/go=1.24.99-1",
    )
    assert (done["checked"], done["notified"], done["failed"]) == (1, 1, [])


@pytest.mark.network
def test_debians_real_index_and_a_real_package(samego: Samego, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'channel = "module"\n[debian]\nsuites = ["trixie"]\narchitectures = ["amd64"]\n'
        "[arch]\nsuites = []\n"
    )
    environment = {"SAMEGO_HISTORY": str(tmp_path / "history"), "SAMEGO_CONFIG": str(config)}
    result = samego("watch", "--format", "json", environment=environment)
    assert result.status == 0, result.stdout + result.stderr
    done = json.loads(result.stdout)
    assert (done["sources"], done["failed"], done["waiting"]) == (2, [], [])
    (item,) = [item for item in done["news"] if item["kind"] == "checked"]
    assert (item["distro"], item["architecture"], item["passes"]) == ("debian", "amd64", False)
    assert item["spec"].startswith(f"debian:trixie/{item['package']}={item['version']}")
    assert samego("history", environment=environment).status == 0
