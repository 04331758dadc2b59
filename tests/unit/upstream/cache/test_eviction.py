from __future__ import annotations

import os
import time
from pathlib import Path

from samego.upstream.cache.blobs import Cache
from samego.upstream.cache.eviction import evict


def test_the_least_recently_used_file_goes_first(tmp_path: Path) -> None:
    with Cache(tmp_path, limit=250) as cache:
        names = [cache.store(bytes([number]) * 100).name for number in range(2)]
        cache.close()
        now = time.time() - 60  # what a look at a file writes is surely later
        for age, name in enumerate(reversed(names)):
            os.utime(tmp_path / "blobs" / f"{name}.json", (now - age, now - age))
        cache.get(names[0])
        cache.close()
        third = cache.store(b"x" * 100).name
        assert cache.get(names[1]) is None
        assert cache.get(names[0]) is not None
        assert cache.get(third) is not None


def test_a_file_in_use_is_not_evicted(tmp_path: Path) -> None:
    with Cache(tmp_path, limit=150) as reader, Cache(tmp_path, limit=150) as writer:
        held = reader.store(b"a" * 100)
        writer.store(b"b" * 100)
        assert held.read_bytes() == b"a" * 100
        reader.close()
        writer.store(b"c" * 100)
        assert not held.exists()


def test_stale_scratch_files_are_swept(cache: Cache) -> None:
    cache.store(b"go")
    stale = cache.root / "partial" / "killed.tmp"
    stale.write_bytes(b"x")
    os.utime(stale, (1, 1))
    evict(cache.root, cache.limit)
    assert not stale.exists()
