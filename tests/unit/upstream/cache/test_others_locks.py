"""A cache among users who may read it, and lock whatever they can read."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.errors import CacheError
from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache
from samego.upstream.cache.locked_files import LOCKS, held, remove_unheld

pytestmark = pytest.mark.timeout(30)
DATA = b"what upstream posted"


@contextlib.contextmanager
def locked_by_others(root: Path) -> Iterator[int]:
    """Hold every file and directory that others may read, as any of them can."""
    readable = [path for path in (root, *root.rglob("*")) if path.stat().st_mode & 0o004]
    descriptors = [os.open(path, os.O_RDONLY) for path in readable]
    try:
        for descriptor in descriptors:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield len(descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Cache(tmp_path / "cache") as cache:
        cache.store(DATA)
        cache.remember("kind", "key", {"value": 1})
        (cache.directory("partial") / "left.part").write_bytes(b"half")
        with cache.lock("a download"):
            pass
    return tmp_path / "cache"


def test_no_lock_of_another_user_keeps_the_owner_waiting(root: Path) -> None:
    with locked_by_others(root) as count, Cache(root) as cache:
        assert count >= 5
        blob = cache.store(DATA)
        assert cache.get(blob.name) == blob
        assert cache.record("kind", "key") == {"value": 1}
        with cache.lock("a download"), held(root / "partial" / "left.part", root):
            pass
        cache.close()
        assert upkeep.clear(cache) > 0
        assert not list((root / "blobs").glob("?" * 64))


def test_what_a_run_holds_stays(root: Path) -> None:
    with Cache(root) as cache, Cache(root) as other:
        blob = cache.store(DATA)
        assert cache.get(blob.name) == blob
        assert not remove_unheld(blob, root)
        upkeep.clear(other)
        assert blob.read_bytes() == DATA
        cache.close()
        assert remove_unheld(blob, root)
        assert not blob.exists()
        assert other.get(blob.name) is None


def test_locks_of_files_that_are_gone_go_as_well(root: Path) -> None:
    with Cache(root) as cache:
        upkeep.clear(cache)
        assert not list((root / LOCKS).glob("*.held"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
@pytest.mark.parametrize("name", ["", LOCKS])
def test_root_uses_no_cache_that_another_user_decides_about(root: Path, name: str) -> None:
    os.chown(root / name, 65534, 65534)
    with Cache(root) as cache, pytest.raises(CacheError, match="belongs to the user with"):
        cache.store(DATA)


@pytest.mark.parametrize("planted", ["link", "pipe"])
def test_a_planted_lock_is_refused_at_once(root: Path, planted: str) -> None:
    victim = root.parent / "victim"
    victim.write_bytes(b"kept")
    (lock,) = [each for each in (root / LOCKS).iterdir() if each.suffix == ".lock"][:1]
    lock.unlink()
    if planted == "link":
        lock.symlink_to(victim)
    else:
        os.mkfifo(lock, 0o600)
    locks = list((root / LOCKS).glob("*.lock"))
    for each in locks:
        if each != lock:
            each.unlink()
            each.symlink_to(victim)
    with (
        Cache(root) as cache,
        pytest.raises(Exception, match="is not a regular file"),
        cache.lock("a download"),
        cache.lock("files"),
    ):
        pass
    assert victim.read_bytes() == b"kept"


@pytest.mark.parametrize("name", ["", LOCKS])
def test_no_cache_is_used_that_everybody_may_write_to(root: Path, name: str) -> None:
    (root / name).chmod(0o777)
    with Cache(root) as cache, pytest.raises(CacheError, match="every user of this machine"):
        cache.store(DATA)
