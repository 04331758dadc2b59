"""Publishing where others may write to the directory of the link: what they plant there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.errors import InputError, UnsafePathError
from samego.monitor.publish import directory
from samego.monitor.publish.destination import Directory
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.snapshot import Snapshot, take
from samego.system.progress import Silent

NOBODY = 65534
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")


@pytest.fixture
def pages(tmp_path: Path) -> Snapshot:
    (tmp_path / "pages" / "a").mkdir(parents=True)
    (tmp_path / "pages" / "index.html").write_text("new", "utf-8")
    (tmp_path / "pages" / "a" / "b").write_text("b", "utf-8")
    return take(tmp_path / "pages")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv").chmod(0o777)
    return tmp_path / "srv" / "go"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A directory with what publishing would write to and remove if it were its own."""
    victim = tmp_path / "victim"
    (victim / ("0" * 64)).mkdir(parents=True)
    for name in ("lock", "held", "next", "index.html", "0" * 64 + "/old"):
        (victim / name).write_text("kept", "utf-8")
    os.utime(victim / ("0" * 64), (0, 0))
    return victim


def contents(root: Path) -> dict[str, str]:
    files = {path for path in root.rglob("*") if path.is_file() and not path.is_symlink()}
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in files}


def publish(snapshot: Snapshot, target: Path) -> PublishOutcome:
    return directory.publish(snapshot, Directory(target), Silent())


def in_place_of_releases(target: Path, victim: Path) -> None:
    (target.parent / ".go.releases").symlink_to(victim)


def in_place_of_the_parent(target: Path, victim: Path) -> None:
    (target.parent / "go").symlink_to(victim)


def a_file(target: Path, victim: Path) -> None:
    os.link(victim / "lock", target.parent / ".go.releases")


@pytest.mark.parametrize("plant", [in_place_of_releases, in_place_of_the_parent, a_file])
def test_what_is_planted_before_is_refused(
    pages: Snapshot, target: Path, victim: Path, plant: Callable[[Path, Path], None]
) -> None:
    before = contents(victim)
    plant(target, victim)
    with pytest.raises(InputError):
        publish(pages, target)
    assert contents(victim) == before


def test_a_parent_behind_a_planted_link(pages: Snapshot, target: Path, victim: Path) -> None:
    (target.parent / "www").symlink_to(victim)
    before = contents(victim)
    with pytest.raises(UnsafePathError, match=r"www on the way to .* is a link"):
        publish(pages, target.parent / "www" / "go")
    assert contents(victim) == before


@root
@pytest.mark.parametrize("name", ["held", "next", "0" * 64])
def test_releases_that_another_user_made(
    pages: Snapshot, target: Path, victim: Path, name: str
) -> None:
    theirs = target.parent / ".go.releases"
    theirs.mkdir()
    (theirs / name).symlink_to(victim / name)
    os.chown(theirs, NOBODY, NOBODY)
    before = contents(victim)
    with pytest.raises(UnsafePathError, match="belongs to the user with uid 65534"):
        publish(pages, target)
    assert contents(victim) == before


def test_releases_that_others_may_write_to(pages: Snapshot, target: Path) -> None:
    publish(pages, target)
    (target.parent / ".go.releases").chmod(0o777)
    (pages.root / "index.html").write_text("newer", "utf-8")
    with pytest.raises(UnsafePathError, match=r"mode 0777\), so others could change"):
        publish(take(pages.root), target)


def test_a_parent_that_is_exchanged_meanwhile(
    pages: Snapshot, target: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(victim)
    fill = directory.PublishTarget.fill
    moved = target.parent.with_name("moved")

    def exchange(self: directory.PublishTarget, *arguments: object) -> list[str]:
        target.parent.rename(moved)
        (victim / ".go.releases").mkdir()
        target.parent.symlink_to(victim)
        return fill(self, *arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(directory.PublishTarget, "fill", exchange)
    publish(pages, target)
    assert contents(victim) == before
    assert not list((victim / ".go.releases").iterdir())
    assert contents(moved / ".go.releases")
    assert (moved / "go" / "index.html").read_text("utf-8") == "new"


def test_a_planted_lock_with_two_names(pages: Snapshot, target: Path, victim: Path) -> None:
    publish(pages, target)
    lock = target.parent / ".go.releases" / "held"
    lock.unlink()
    (victim / "lock").chmod(0o600)
    os.link(victim / "lock", lock)
    with pytest.raises(UnsafePathError, match="second hard link"):
        publish(pages, target)
    assert (victim / "lock").read_text("utf-8") == "kept"
