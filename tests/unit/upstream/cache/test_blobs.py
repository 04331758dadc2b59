from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from samego.errors import CacheError, DiskFullError
from samego.upstream.cache import upkeep
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
    assert upkeep.verify(cache).damaged == ()


def test_a_held_file_that_somebody_removed_is_stored_anew(cache: Cache) -> None:
    path = cache.store(b"go")
    path.unlink()
    assert cache.get(path.name) is None
    assert cache.store(b"go").read_bytes() == b"go"


def test_a_full_disk_leaves_nothing_behind(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFullError):
        cache.store(b"go")
    assert upkeep.stats(cache).files == 0
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
        assert upkeep.verify(cache).damaged == ()
        assert list((tmp_path / "partial").iterdir()) == []
