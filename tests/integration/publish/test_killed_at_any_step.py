"""Publishers killed at each of their steps in turn."""

from __future__ import annotations

from pathlib import Path

from support.cli import Samego
from support.publishing import (
    DIRECTORY_STEPS,
    DIRECTORY_WORDS,
    killed_at,
    through_link,
    write_pages,
)


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
        if not killed_at(step, DIRECTORY_STEPS, DIRECTORY_WORDS, arguments, samego, {}):
            break
        assert through_link(target) in (few, then)
        killed_at(step + 1, DIRECTORY_STEPS, DIRECTORY_WORDS, arguments, samego, {})
        assert through_link(target) in (few, then)
        assert samego("publish", sources[1], target).status == 0
        assert through_link(target) == then
        assert not {path.name for path in target.parent.iterdir()} - {"go", ".go.releases"}
    # The lock, five directories and a time, three copies, one link, a link renamed.
    assert 10 <= step < 99
    assert through_link(target) == then
