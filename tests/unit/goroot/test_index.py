from __future__ import annotations

from pathlib import Path

import pytest

from samego.goroot.index import IndexCache, entries_of, entry_rows
from support.archives import memory_tree

DIGEST = "a" * 64


def test_an_index_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = IndexCache(tmp_path / "new")
    tree = memory_tree({"a": b"1"}, links={"l": "a"}, directories={"d": 0o755})
    cache.store(DIGEST, entry_rows(tree))
    rows = cache.load(DIGEST)
    assert rows is not None
    assert {
        path: (entry.kind, entry.mode, entry.sha256, entry.link) for path, entry in tree.items()
    } == {
        path: (entry.kind, entry.mode, entry.sha256, entry.link)
        for path, entry in entries_of(rows).items()
    }


@pytest.mark.parametrize("position", [0, 40, 90, -1])
def test_a_damaged_index_is_made_anew(position: int, tmp_path: Path) -> None:
    cache = IndexCache(tmp_path)
    cache.store(DIGEST, [["a", "b", 1]])
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)
    assert cache.load(DIGEST) is None


def test_an_index_belongs_to_its_archive(tmp_path: Path) -> None:
    cache = IndexCache(tmp_path)
    cache.store(DIGEST, [["a", "b", 1]])
    (file,) = tmp_path.iterdir()
    file.rename(tmp_path / ("b" * 64 + ".index"))
    assert cache.load("b" * 64) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = IndexCache(tmp_path / "file" / "below")
    cache.store(DIGEST, [])
    assert cache.load(DIGEST) is None
