from __future__ import annotations

from pathlib import Path

from samego.upstream.cache import upkeep
from samego.upstream.cache.blobs import Cache


def test_verify_removes_what_is_damaged_and_names_what_is_foreign(cache: Cache) -> None:
    good, bad = cache.store(b"good"), cache.store(b"bad")
    cache.remember("index", "url", {"a": 1})
    cache.remember("index", "other", {"a": 1})
    record = min((cache.root / "records" / "index").iterdir())
    record.write_text("{}")
    cache.close()
    bad.chmod(0o644)
    bad.write_bytes(b"BAD")
    (cache.root / "blobs" / "README").write_text("mine")
    check = upkeep.verify(cache)
    assert check.checked == 2
    assert set(check.damaged) == {f"blobs/{bad.name}", f"records/index/{record.name}"}
    assert check.foreign == ("blobs/README",)
    assert cache.get(good.name) == good
    assert cache.get(bad.name) is None
    assert upkeep.verify(cache).damaged == ()


def test_clear_leaves_what_another_process_holds_and_the_tree_heads(tmp_path: Path) -> None:
    with Cache(tmp_path) as mine, Cache(tmp_path) as other:
        held = other.store(b"held")
        mine.store(b"free")
        mine.remember("index", "url", {})
        heads = mine.directory("sumdb") / "latest"
        heads.write_text("head")
        (mine.directory("index") / "x.index").write_text("rows")
        assert upkeep.clear(mine) > 0
        stats = upkeep.stats(mine)
        assert held.exists()
        assert heads.exists()
        assert (stats.files, stats.records, stats.indexes) == (1, 0, 0)
