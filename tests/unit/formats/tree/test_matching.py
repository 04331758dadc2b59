from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.tree.disk_root import DiskRoot
from samego.formats.tree.matching import copy_files, matches


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(b"of the machine")
    root = tmp_path / "root"
    for name in ("a/one.list", "a/two.list", "a/.hidden.list", "b/one.list"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def nothing(path: str, error: OSError) -> None:
    raise AssertionError(path, error)


def test_patterns_are_the_shells(root: Path) -> None:
    disk = DiskRoot(root)
    assert list(matches(disk, "*/one.list", nothing)) == ["a/one.list", "b/one.list"]
    assert list(matches(disk, "/a/*.list", nothing)) == ["a/one.list", "a/two.list"]
    assert list(matches(disk, "a/[t]wo.list", nothing)) == ["a/two.list"]
    assert list(matches(disk, "a/none", nothing)) == []
    assert list(matches(disk, "a/one.list/*", nothing)) == []


def test_only_files_of_the_root_are_copied(root: Path, tmp_path: Path) -> None:
    (root / "a/link.list").symlink_to("/b/one.list")
    (root / "a/out.list").symlink_to("../../secret")
    (root / "a/dir.list").mkdir()
    copy = tmp_path / "copy"
    assert copy_files(DiskRoot(root), ["a/*.list"], copy, DEFAULT_LIMITS)
    assert {path.name for path in copy.rglob("*") if path.is_file()} == {
        "one.list",
        "two.list",
        "link.list",
    }
    assert not (copy / "a/link.list").is_symlink()
    assert (copy / "a/link.list").read_text() == "b/one.list"
    assert not copy_files(DiskRoot(root), ["none/*"], copy, DEFAULT_LIMITS)


def test_nothing_is_copied_beside_the_destination(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "deep/copy"
    assert not copy_files(DiskRoot(root), ["../a/one.list"], copy, DEFAULT_LIMITS)
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(ArchiveLimits(entries=1), id="files"),
        pytest.param(ArchiveLimits(total_bytes=12), id="bytes together"),
        pytest.param(ArchiveLimits(file_bytes=3), id="bytes of one"),
    ],
)
def test_what_is_copied_is_bounded(limits: ArchiveLimits, root: Path, tmp_path: Path) -> None:
    with pytest.raises(HostileArchiveError):
        copy_files(DiskRoot(root), ["a/*.list"], tmp_path / "copy", limits)


def test_what_cannot_be_read_is_an_input_error(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(DiskRoot, "read", refuse)
    with pytest.raises(InputError, match=r"a/one\.list cannot be read \(Permission denied\)"):
        copy_files(DiskRoot(root), ["a/*.list"], tmp_path / "copy", DEFAULT_LIMITS)
