from __future__ import annotations

import os
import time
from pathlib import Path

from samego.inputs.kept import bound

HOUR = 3600.0


def item(place: Path, age: float) -> Path:
    place.mkdir(parents=True)
    (place / "file").write_bytes(bytes(60))
    when = time.time() - age
    os.utime(place, (when, when))
    return place


def test_experiments_and_sources_are_bounded_each_for_itself(tmp_path: Path) -> None:
    kinds = ("inputs/experiments", "inputs/sources", "rebuild/bootstraps")
    gone = [item(tmp_path / kind / "old", 3 * HOUR) for kind in kinds]
    stays = [item(tmp_path / kind / "new", 2 * HOUR) for kind in kinds]
    assert bound(tmp_path, limit=100) == 3 * 60
    assert not [path for path in gone if path.exists()]
    assert all(path.is_dir() for path in stays)


def test_what_was_used_within_the_hour_stays(tmp_path: Path) -> None:
    stays = item(tmp_path / "inputs/experiments/young", HOUR / 2)
    assert bound(tmp_path, limit=0) == 0
    assert stays.is_dir()
