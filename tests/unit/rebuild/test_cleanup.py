from __future__ import annotations

import os
import time
from pathlib import Path

from samego.rebuild.cleanup import tidy
from samego.rebuild.workspace import scratch_directory

HOUR = 3600.0
DAY = 24 * HOUR


def item(place: Path, size: int, age: float) -> Path:
    place.mkdir(parents=True)
    (place / "file").write_bytes(bytes(size))
    return aged(place, age)


def aged(place: Path, age: float) -> Path:
    when = time.time() - age
    os.utime(place, (when, when))
    return place


def test_each_kind_is_bounded_and_what_was_used_last_stays(tmp_path: Path) -> None:
    for kind in ("hosts", "bootstraps", "products/host"):
        item(tmp_path / kind / "old", 60, 3 * HOUR)
        item(tmp_path / kind / "new", 60, 2 * HOUR)
    gone = item(tmp_path / "products/other/target", 60, 4 * HOUR)
    assert tidy(tmp_path, limit=100) == 4 * 60
    kept = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("**/new"))
    assert kept == ["bootstraps/new", "hosts/new", "products/host/new"]
    assert not list(tmp_path.glob("**/old"))
    assert not gone.parent.exists()


def test_what_killed_runs_left_goes(tmp_path: Path) -> None:
    abandoned = tmp_path / ".build-locked"
    abandoned.mkdir()
    (abandoned / "lock").touch()
    unlocked = item(tmp_path / ".build-unlocked", 10, 2 * HOUR)
    unfinished = item(tmp_path / "bootstraps/.new-x", 10, 2 * DAY)
    log = tmp_path / "key.log"
    log.touch()
    aged(log, 8 * DAY)
    tidy(tmp_path)
    assert not [path for path in (abandoned, unlocked, unfinished, log) if path.exists()]


def test_what_is_in_use_or_new_stays(tmp_path: Path) -> None:
    young = item(tmp_path / ".build-young", 10, 60)
    unfinished = item(tmp_path / "bootstraps/.new-x", 10, 60)
    log = tmp_path / "key.log"
    log.touch()
    host = item(tmp_path / "hosts/key", 1000, 60)
    with scratch_directory(tmp_path) as scratch:
        tidy(tmp_path, limit=0)
        assert scratch.is_dir()
    assert all(path.exists() for path in (young, unfinished, log, host))


def test_a_directory_that_is_not_there_needs_nothing(tmp_path: Path) -> None:
    assert tidy(tmp_path / "none") == 0
