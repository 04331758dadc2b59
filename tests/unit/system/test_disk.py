from __future__ import annotations

import os
import time
from pathlib import Path

from samego.system.disk import remove, size_of, trim, used


def item(directory: Path, name: str, size: int, hours: float) -> Path:
    place = directory / name
    (place / "below").mkdir(parents=True)
    (place / "below" / "file").write_bytes(b"x" * size)
    when = time.time() - hours * 3600
    os.utime(place, (when, when))
    return place


def test_the_least_recently_used_goes_first_and_only_as_far_as_needed(tmp_path: Path) -> None:
    old, older, new = (
        item(tmp_path, "b", 40, 3),
        item(tmp_path, "a", 40, 4),
        item(tmp_path, "c", 40, 2),
    )
    assert trim(tmp_path, limit=80) == 40
    assert (older.exists(), old.exists(), new.exists()) == (False, True, True)
    assert trim(tmp_path, limit=80) == 0


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    place = item(tmp_path, "a", 40, 4)
    used(place)
    assert trim(tmp_path, limit=0) == 0
    assert place.exists()


def test_a_directory_that_is_not_there_needs_no_trimming(tmp_path: Path) -> None:
    assert trim(tmp_path / "none") == 0
    used(tmp_path / "none")
    remove(tmp_path / "none")
    assert size_of(tmp_path / "none") == 0


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    place = item(tmp_path, "kept", 40, 4)
    link = tmp_path / "link"
    link.symlink_to(place)
    assert size_of(link) < 4096
    remove(link)
    assert place.exists()
    assert not link.is_symlink()
