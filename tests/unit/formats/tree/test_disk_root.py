from __future__ import annotations

import os
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.tree.directory import read_directory, read_paths
from samego.formats.tree.disk_root import DiskRoot
from samego.model.tree import Kind

SECRET = b"of the machine\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_bytes(SECRET)
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/secret").write_bytes(b"of the root\n")
    return root


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("{tmp}/outside", id="absolute"),
        pytest.param("../outside", id="climbing"),
        pytest.param("../../../../../../../..{tmp}/outside", id="climbing to the top"),
        pytest.param("/proc/self/root{tmp}/outside", id="through proc"),
    ],
)
def test_no_link_leads_out_of_the_root(link: str, root: Path, tmp_path: Path) -> None:
    (root / "way").symlink_to(link.format(tmp=tmp_path))
    (root / "name").symlink_to(f"{link.format(tmp=tmp_path)}/secret")
    disk = DiskRoot(root)
    assert disk.real("way/secret") is None
    assert disk.lstat("way/secret") is None
    assert disk.names("way") == ()
    for path in ("way/secret", "name"):
        with pytest.raises(FileNotFoundError):
            disk.read(path, 100)
    with pytest.raises(InputError, match="cannot be read"):
        read_paths(root, ["way/secret"], name="root")
    tree = read_directory(root, name="root")
    assert {path for path in tree if tree[path].kind is Kind.FILE} == {"etc/secret"}


def test_links_mean_what_they_mean_in_a_chroot(root: Path) -> None:
    (root / "absolute").symlink_to("/etc")
    (root / "etc/up").symlink_to("../../../etc/secret")
    (root / "etc/again").symlink_to("/absolute/up")
    disk = DiskRoot(root)
    assert disk.real("absolute/again") == "etc/secret"
    assert disk.read("absolute/again", 100) == b"of the root\n"
    assert disk.names("absolute") == ["again", "secret", "up"]
    assert disk.take("absolute/secret", DEFAULT_LIMITS).size == 12
    status = disk.lstat("etc/up")
    assert status is not None
    assert (status.kind, status.link) == (Kind.LINK, "../../../etc/secret")
    assert disk.real("etc/../../etc/./secret") == "etc/secret"


def test_a_loop_leads_nowhere(root: Path) -> None:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    disk = DiskRoot(root)
    assert disk.real("one") is None
    assert disk.lstat("one/more") is None


def test_a_directory_that_becomes_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    (root / "usr").mkdir()
    (root / "usr/secret").write_bytes(b"of the root\n")
    disk = DiskRoot(root)
    tree = read_directory(disk, "usr", name="root")
    (root / "usr").rename(root / "old")
    (root / "usr").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="cannot be read"):
        tree.read("usr/secret")
    assert DiskRoot(root).lstat("usr/secret") is None


def test_what_is_no_file_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    disk = DiskRoot(root)
    with pytest.raises(HostileArchiveError, match="pipe"):
        disk.read("pipe", 10)
    with pytest.raises(HostileArchiveError, match="pipe"):
        disk.take("pipe", DEFAULT_LIMITS)
    status = disk.lstat("pipe")
    assert status is not None
    assert status.kind is None
    with pytest.raises(HostileArchiveError, match="larger"):
        disk.read("etc/secret", 3)


def test_all_files_together_are_bounded(root: Path) -> None:
    with pytest.raises(HostileArchiveError, match="over 11 bytes"):
        read_directory(root, name="root", limits=ArchiveLimits(total_bytes=11))


def test_many_directories_need_few_descriptors(root: Path) -> None:
    for number in range(200):
        (root / f"d{number}").mkdir()
        (root / f"d{number}/file").write_bytes(b"x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    disk = DiskRoot(root)
    assert len(read_directory(disk, name="root")) == 402
    assert len(list(Path("/proc/self/fd").iterdir())) - before < 50
    del disk


def test_a_root_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing cannot be read"):
        read_directory(tmp_path / "nothing", name="d")
