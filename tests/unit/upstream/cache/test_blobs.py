from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samego.errors import CacheError, DiskFullError
from samego.upstream.cache.blobs import Cache


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def damage(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_what_was_stored_is_found_by_its_digest(cache: Cache) -> None:
    path = cache.store(b"go")
    assert path.name == digest(b"go")
    assert cache.get(path.name) == path
    assert path.read_bytes() == b"go"


def test_what_was_not_stored_is_not_there(cache: Cache) -> None:
    assert cache.get(digest(b"other")) is None


def test_a_copy_of_a_file_is_stored_and_the_file_stays(cache: Cache, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"bytes")
    assert cache.store_file(source).read_bytes() == b"bytes"
    assert source.exists()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_a_name_that_is_no_digest_is_refused(cache: Cache, name: str) -> None:
    with pytest.raises(CacheError):
        cache.get(name)


@pytest.mark.parametrize("data", [b"g0", b"", b"longer than before"], ids=["byte", "cut", "long"])
def test_a_damaged_file_is_an_error_that_says_what_to_do(cache: Cache, data: bytes) -> None:
    path = cache.store(b"go")
    cache.close()
    damage(path, data)
    with pytest.raises(CacheError, match="samego cache verify"):
        cache.get(path.name)


def test_a_copied_cache_with_other_times_is_hashed_and_taken(cache: Cache) -> None:
    path = cache.store(b"go")
    cache.close()
    os.utime(path, (1, 1))
    assert cache.get(path.name) == path


def test_a_link_in_place_of_a_file_is_refused(cache: Cache, tmp_path: Path) -> None:
    path = cache.store(b"go")
    cache.close()
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(CacheError, match="link"):
        cache.get(path.name)


def test_a_pipe_in_place_of_a_file_is_refused(cache: Cache) -> None:
    path = cache.store(b"go")
    cache.close()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CacheError, match="no file"):
        cache.get(path.name)


def test_verify_removes_what_is_damaged_and_names_what_is_foreign(cache: Cache) -> None:
    good, bad = cache.store(b"good"), cache.store(b"bad")
    cache.remember("index", "url", {"a": 1})
    cache.remember("index", "other", {"a": 1})
    record = min((cache.root / "records" / "index").iterdir())
    record.write_text("{}")
    cache.close()
    damage(bad, b"BAD")
    (cache.root / "blobs" / "README").write_text("mine")
    check = cache.verify()
    assert check.checked == 2
    assert set(check.damaged) == {f"blobs/{bad.name}", f"records/index/{record.name}"}
    assert check.foreign == ("blobs/README",)
    assert cache.get(good.name) == good
    assert cache.get(bad.name) is None
    assert cache.verify().damaged == ()


def test_records_come_back_and_can_be_forgotten(cache: Cache) -> None:
    cache.remember("verified", "key", {"h1": "x"})
    assert cache.record("verified", "key") == {"h1": "x"}
    assert cache.record("verified", "another") is None
    assert cache.record("index", "key") is None
    cache.forget("verified", "key")
    assert cache.record("verified", "key") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"kind": "verified", "key": "other", "value": {}}', "[" * 100_000],
    ids=["empty", "list", "another-key", "deep"],
)
def test_a_damaged_record_is_an_error_that_says_what_to_do(cache: Cache, text: str) -> None:
    cache.remember("verified", "key", {})
    next((cache.root / "records" / "verified").iterdir()).write_text(text)
    with pytest.raises(CacheError, match="samego cache verify"):
        cache.record("verified", "key")


def test_the_least_recently_used_file_goes_first(tmp_path: Path) -> None:
    with Cache(tmp_path, limit=250) as cache:
        names = [cache.store(bytes([number]) * 100).name for number in range(2)]
        cache.close()
        now = time.time()
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


def test_storing_again_leaves_the_file_that_others_hold(tmp_path: Path) -> None:
    with Cache(tmp_path, limit=150) as reader, Cache(tmp_path, limit=150) as writer:
        held = reader.store(b"a" * 100)
        writer.store(b"a" * 100)
        writer.close()
        writer.store(b"b" * 100)
        assert held.read_bytes() == b"a" * 100


def test_storing_again_heals_a_damaged_file(cache: Cache) -> None:
    path = cache.store(b"go")
    cache.close()
    damage(path, b"g0")
    assert cache.store(b"go").read_bytes() == b"go"
    assert cache.verify().damaged == ()


def test_a_held_file_that_somebody_removed_is_stored_anew(cache: Cache) -> None:
    path = cache.store(b"go")
    path.unlink()
    assert cache.get(path.name) is None
    assert cache.store(b"go").read_bytes() == b"go"


def test_stale_scratch_files_are_swept(cache: Cache) -> None:
    cache.store(b"go")
    stale = cache.root / "partial" / "killed.tmp"
    stale.write_bytes(b"x")
    os.utime(stale, (1, 1))
    cache.evict()
    assert not stale.exists()


def test_clear_leaves_what_another_process_holds_and_the_tree_heads(tmp_path: Path) -> None:
    with Cache(tmp_path) as mine, Cache(tmp_path) as other:
        held = other.store(b"held")
        mine.store(b"free")
        mine.remember("index", "url", {})
        heads = mine.directory("sumdb") / "latest"
        heads.write_text("head")
        (mine.directory("index") / "x.index").write_text("rows")
        assert mine.clear() > 0
        stats = mine.stats()
        assert held.exists()
        assert heads.exists()
        assert (stats.files, stats.records, stats.indexes) == (1, 0, 0)


def test_a_full_disk_leaves_nothing_behind(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFullError):
        cache.store(b"go")
    assert cache.stats().files == 0
    assert list((cache.root / "partial").iterdir()) == []


def test_a_full_disk_under_a_record_leaves_nothing_behind(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("samego.system.atomic._finish", full)
    with pytest.raises(DiskFullError):
        cache.remember("index", "url", {})
    assert list((cache.root / "records" / "index").iterdir()) == []


def test_a_directory_that_cannot_be_made_is_a_cache_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="SAMEGO_CACHE"):
        Cache(tmp_path / "file" / "cache").store(b"go")


_HAMMER = """
import sys
from pathlib import Path
from samego.upstream.cache.blobs import Cache

with Cache(Path(sys.argv[1]), limit=3000) as cache:
    for turn in range(15):
        data = bytes([turn % 7]) * 1000
        assert cache.store(data).read_bytes() == data
        with cache.lock("counter"):
            record = cache.record("count", "n") or {"n": 0}
            cache.remember("count", "n", {"n": record["n"] + 1})
        cache.close()
"""


def test_parallel_processes_share_one_cache(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HAMMER, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with Cache(tmp_path) as cache:
        assert cache.record("count", "n") == {"n": 45}
        assert cache.verify().damaged == ()
        assert list((tmp_path / "partial").iterdir()) == []
