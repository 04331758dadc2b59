"""What lies at a path, what does not, and what nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.system.there import exists, is_file


def test_files_directories_and_links(tmp_path: Path) -> None:
    file, link, dangling, loop = (tmp_path / name for name in ("file", "link", "gone", "loop"))
    file.write_bytes(b"")
    link.symlink_to(file)
    dangling.symlink_to(tmp_path / "nothing")
    loop.symlink_to(loop)
    places = [file, link, tmp_path, dangling, loop, file / "below", tmp_path / "x", Path("a\0b")]
    assert [is_file(each) for each in places] == [True, True, *[False] * 6]
    assert [exists(each) for each in places] == [True, True, True, *[False] * 5]


def test_what_nobody_can_tell_is_an_error(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    for ask in (is_file, exists):
        with pytest.raises(OSError, match="File name too long"):
            ask(long)
