from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.system import atomic


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir())


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write(path, b"one", mode=atomic.PRIVATE)
    assert path.stat().st_mode & 0o777 == 0o600
    atomic.write(path, b"two", sync=True)
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["file"]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")

    def fail() -> None:
        with atomic.replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["file"]


def test_a_planted_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "file"
    target.write_bytes(b"precious")
    path.symlink_to(target)
    atomic.write(path, b"ours")
    assert (target.read_bytes(), path.read_bytes()) == (b"precious", b"ours")
    assert not path.is_symlink()


def test_what_is_there_is_not_created_again(tmp_path: Path, directory: int) -> None:
    assert atomic.create("file", b"one", directory=directory)
    assert not atomic.create("file", b"two", directory=directory)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert not atomic.create("link", b"two", directory=directory)
    assert (tmp_path / "file").read_bytes() == b"one"
    assert names(tmp_path) == ["file", "link"]


def test_a_file_system_without_links_will_do(
    tmp_path: Path, directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert atomic.create("file", b"one", directory=directory)
    assert not atomic.create("file", b"two", directory=directory)
    assert (tmp_path / "file").read_bytes() == b"one"
    assert names(tmp_path) == ["file"]


def test_a_copy_is_whole(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(3_000_000))
    atomic.copy(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == bytes(3_000_000)
    with pytest.raises(FileNotFoundError):
        atomic.copy(tmp_path / "none", tmp_path / "copy")
    assert names(tmp_path) == ["copy", "source"]


def test_unfinished_files_are_known_by_name() -> None:
    assert atomic.is_unfinished(atomic.unfinished_name())
    assert not atomic.is_unfinished("report.json")
    assert not atomic.is_unfinished(".samego-x")


def test_a_directory_gets_its_name(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/file").write_text("mine")
    atomic.place_directory(tmp_path / "made", tmp_path / "place")
    assert (tmp_path / "place/file").read_text() == "mine"


def test_a_directory_of_a_faster_process_stays(tmp_path: Path) -> None:
    for name, text in (("made", "mine"), ("place", "theirs")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(text)
    atomic.place_directory(tmp_path / "made", tmp_path / "place")
    assert (tmp_path / "place/file").read_text() == "theirs"


def test_a_directory_that_cannot_get_its_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    with pytest.raises(OSError, match="No such file"):
        atomic.place_directory(tmp_path / "made", tmp_path / "nowhere/place")
