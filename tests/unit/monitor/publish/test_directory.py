from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.errors import DiskFullError, InputError
from samego.monitor.publish import directory
from samego.monitor.publish.destination import Directory
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.releases import GRACE
from samego.monitor.publish.snapshot import Snapshot, take
from samego.system.progress import Silent

ONE = {"index.html": "1", "a/b.json": "1", "same/css": "s"}
TWO = {"index.html": "2", "a/b.json": "1", "same/css": "s", "b": "2"}


def pages(root: Path, held: Mapping[str, str]) -> Snapshot:
    for path, text in held.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return take(root)


def held(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text("utf-8")
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def one(tmp_path: Path) -> Snapshot:
    return pages(tmp_path / "one", ONE)


@pytest.fixture
def two(tmp_path: Path) -> Snapshot:
    return pages(tmp_path / "two", TWO)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "srv").mkdir()
    return tmp_path / "srv" / "go"


def publish(snapshot: Snapshot, target: Path, *, dry: bool = False) -> PublishOutcome:
    return directory.publish(snapshot, Directory(target), Silent(), dry=dry)


def test_what_is_left_of_an_interrupted_run_is_completed(
    one: Snapshot, two: Snapshot, target: Path
) -> None:
    publish(one, target)
    left = target.parent / ".go.releases" / two.digest
    (left / "a" / "deep").mkdir(parents=True)
    (left / "a" / "deep" / "gone").write_text("x", "utf-8")
    (left / "b").write_text("2", "utf-8")
    (left / "index.html").write_text("half", "utf-8")
    (left / "same").write_text("a file where a directory is to be", "utf-8")
    (left / "a" / "b.json").symlink_to("/etc/passwd")
    dry = publish(two, target, dry=True)
    assert list(dry.sent) == ["index.html"]
    assert list(publish(two, target).sent) == ["index.html"]
    assert held(target) == TWO
    assert not (target / "a" / "deep").exists()


def test_a_file_that_somebody_changed_is_no_source_of_links(
    one: Snapshot, two: Snapshot, target: Path
) -> None:
    publish(one, target)
    (target / "same" / "css").write_text("x", "utf-8")
    assert "same/css" in publish(two, target).sent
    assert held(target) == TWO


@pytest.mark.parametrize("number", [errno.EMLINK, errno.EPERM, errno.EXDEV])
def test_where_no_link_can_be_made_files_are_copied(
    one: Snapshot, two: Snapshot, target: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_args: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    publish(one, target)
    monkeypatch.setattr(os, "link", link)
    assert sorted(publish(two, target).sent) == sorted(TWO)
    assert held(target) == TWO


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(
    one: Snapshot, two: Snapshot, target: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    publish(one, target)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(DiskFullError, match=f"{target} is full; the published site is"):
            publish(two, target)
    assert held(target) == ONE
    publish(two, target)
    assert held(target) == TWO


def test_all_is_on_the_disk_before_it_is_shown(
    one: Snapshot, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if not target.is_symlink():
            synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    publish(one, target)
    release = target.resolve()
    wanted = [release.parent, release, *release.rglob("*")]
    assert {path.stat().st_ino for path in wanted} <= synced


def test_web_servers_may_read_whatever_the_umask_is(
    one: Snapshot, two: Snapshot, target: Path
) -> None:
    before = os.umask(0o077)
    try:
        publish(one, target)
        publish(two, target)
    finally:
        os.umask(before)
    release = target.resolve()
    paths = [release.parent, release, *release.rglob("*")]
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in paths}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_pages_that_change_meanwhile(one: Snapshot, two: Snapshot, target: Path) -> None:
    publish(one, target)
    (two.root / "index.html").write_text("3", "utf-8")
    with pytest.raises(InputError, match="changed while it was published"):
        publish(two, target)
    again = take(two.root)
    (two.root / "late.html").write_text("new", "utf-8")
    with pytest.raises(InputError, match="changed while it was published"):
        publish(again, target)
    assert held(target) == ONE


@pytest.mark.parametrize("kind", ["directory", "empty", "file", "link", "release of another"])
def test_what_is_somebody_elses_stays(one: Snapshot, target: Path, kind: str) -> None:
    if kind in {"directory", "empty"}:
        target.mkdir()
        if kind == "directory":
            (target / "mine").write_text("x", "utf-8")
    elif kind == "file":
        target.write_text("x", "utf-8")
    else:
        target.symlink_to("/etc" if kind == "link" else f".other.releases/{'a' * 64}")
    for dry in (True, False):
        with pytest.raises(InputError, match="that samego did not make") as caught:
            publish(one, target, dry=dry)
        assert "move it away" in caught.value.hint
    assert list(target.parent.iterdir()) == [target]


def test_a_parent_that_is_missing(one: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none is not a directory"):
        publish(one, tmp_path / "none" / "go")


def test_old_releases_go_but_the_last_one_stays(
    one: Snapshot, two: Snapshot, target: Path, tmp_path: Path
) -> None:
    kept = target.parent / ".go.releases"
    publish(one, target)
    publish(two, target)
    for path in kept.iterdir():
        os.utime(path, (time.time() - GRACE - 9,) * 2)
    left = kept / ("0" * 64)
    left.mkdir()
    three = pages(tmp_path / "three", {"index.html": "3"})
    publish(three, target)
    names = {path.name for path in kept.iterdir()}
    assert names == {"held", two.digest, three.digest, left.name}


def test_a_dry_run_makes_nothing(one: Snapshot, target: Path) -> None:
    assert sorted(publish(one, target, dry=True).sent) == sorted(ONE)
    assert list(target.parent.iterdir()) == []
    publish(one, target)
    assert publish(one, target, dry=True).shown
