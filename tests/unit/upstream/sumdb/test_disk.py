from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from samego.errors import CacheError, DiskFullError
from samego.upstream.sumdb.disk import cannot_write, read_small, write_small


def test_files_are_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a/b"
    write_small(path, b"12345")
    assert read_small(path, 5) == b"12345"
    assert read_small(path, 4) is None
    assert read_small(tmp_path / "none", 5) is None
    assert read_small(path / "below", 5) is None
    with pytest.raises(CacheError, match="cannot be read"):
        read_small(tmp_path, 5)


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_small(path, b"old")
    write_small(path, b"new")
    assert path.read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(CacheError, match="cannot be written"):
        write_small(tmp_path / "a", b"data")
    assert [item.name for item in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_its_own_error(number: int) -> None:
    error = cannot_write(Path("x"), OSError(number, os.strerror(number)))
    assert isinstance(error, DiskFullError)
