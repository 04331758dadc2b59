from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from samego.formats.archive.index import IndexCache, entries_of, entry_rows
from samego.system.seal import Seal
from support.archives import memory_tree

DIGEST = "ab" * 32
ROWS = [["m@v/a", "11" * 32], ["m@v/\u00fc", "22" * 32]]


def test_an_index_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    cache = IndexCache(tmp_path / "index")
    assert cache.load(DIGEST) is None
    cache.store(DIGEST, ROWS)
    assert cache.load(DIGEST) == ROWS


@pytest.mark.parametrize("place", [0, 14, 40, 90, -1])
def test_a_damaged_index_counts_as_not_there(tmp_path: Path, place: int) -> None:
    cache = IndexCache(tmp_path)
    cache.store(DIGEST, ROWS)
    file = tmp_path / f"{DIGEST}.index"
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    assert cache.load(DIGEST) is None


def test_an_index_of_another_archive_counts_as_not_there(tmp_path: Path) -> None:
    cache = IndexCache(tmp_path)
    cache.store(DIGEST, ROWS)
    (tmp_path / f"{DIGEST}.index").rename(tmp_path / f"{'cd' * 32}.index")
    assert cache.load("cd" * 32) is None


def test_an_index_under_another_key_counts_as_not_there(tmp_path: Path) -> None:
    IndexCache(tmp_path, Seal(tmp_path / "key")).store(DIGEST, ROWS)
    assert IndexCache(tmp_path, Seal(tmp_path / "key")).load(DIGEST) == ROWS
    assert IndexCache(tmp_path).load(DIGEST) is None


def test_entries_come_back_from_their_rows() -> None:
    tree = memory_tree({"bin/go": b"x"})
    (entry,) = entries_of(entry_rows(tree)).values()
    assert entry == replace(tree["bin/go"], owner=None)


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = IndexCache(tmp_path / "file")
    cache.store(DIGEST, ROWS)
    assert cache.load(DIGEST) is None
