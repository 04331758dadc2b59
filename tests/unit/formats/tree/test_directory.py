from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.tree.directory import read_directory, read_paths
from samego.formats.tree.goroot import goroot_view
from samego.model.tree import Kind


def unpacked(root: Path) -> Path:
    goroot = root / "usr/lib/go-1.24"
    (goroot / "bin").mkdir(parents=True)
    (goroot / "VERSION").write_bytes(b"go1.24.4\n")
    (goroot / "bin/go").write_bytes(b"\x7fELF")
    (goroot / "bin/go").chmod(0o755)
    share = root / "usr/share/go-1.24/src"
    share.mkdir(parents=True)
    (share / "a.go").write_bytes(b"package a\n")
    (goroot / "src").symlink_to("../../share/go-1.24/src")
    return goroot


def test_an_unpacked_goroot_is_read_through_its_links(tmp_path: Path) -> None:
    unpacked(tmp_path)
    (tmp_path / "not-go").write_bytes(b"of no interest")
    payload = read_directory(tmp_path, "usr/lib/go-1.24", name="root")
    assert "not-go" not in payload
    view = goroot_view(payload, "usr/lib/go-1.24")
    files = {path for path, entry in view.tree.items() if entry.kind is Kind.FILE}
    assert files == {"VERSION", "bin/go", "src/a.go"}
    assert view.tree["bin/go"].mode == 0o755
    assert view.tree.read("src/a.go") == b"package a\n"


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    goroot = unpacked(tmp_path / "inside")
    (tmp_path / "secret").write_bytes(b"secret")
    (goroot / "leak").symlink_to("../../../../secret")
    payload = read_directory(tmp_path / "inside", "usr/lib/go-1.24", name="root")
    assert all("secret" not in path for path in payload)


def test_an_absolute_link_counts_from_the_root(tmp_path: Path) -> None:
    goroot = unpacked(tmp_path)
    (goroot / "abs").symlink_to("/usr/share/go-1.24/src")
    view = goroot_view(read_directory(tmp_path, "usr/lib/go-1.24", name="r"), "usr/lib/go-1.24")
    assert view.tree.read("abs/a.go") == b"package a\n"


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HostileArchiveError, match="pipe"):
        read_directory(tmp_path, name="d")


def test_named_paths_are_read_without_descending(tmp_path: Path) -> None:
    unpacked(tmp_path)
    tree = read_paths(tmp_path, ["usr/lib/go-1.24", "usr/lib/go-1.24/VERSION"], name="dpkg")
    assert [entry.kind for entry in tree.values()] == [Kind.DIRECTORY, Kind.FILE]


def test_what_is_missing_or_gone_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_paths(tmp_path, ["nothing"], name="d")
    (tmp_path / "file").write_bytes(b"x")
    tree = read_paths(tmp_path, ["file"], name="d")
    (tmp_path / "file").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        tree.read("file")


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(ArchiveLimits(entries=2), id="files"),
        pytest.param(ArchiveLimits(file_bytes=3), id="bytes"),
    ],
)
def test_limits_hold(limits: ArchiveLimits, tmp_path: Path) -> None:
    unpacked(tmp_path)
    with pytest.raises(HostileArchiveError, match="larger"):
        read_directory(tmp_path, name="d", limits=limits)


def test_the_directories_on_the_way_are_read_too(tmp_path: Path) -> None:
    unpacked(tmp_path)
    (tmp_path / "usr/share").chmod(0o777)
    tree = read_directory(tmp_path, "usr/lib/go-1.24", name="d")
    above = {"usr", "usr/lib", "usr/share", "usr/share/go-1.24"}
    assert above <= {path for path in tree if tree[path].kind is Kind.DIRECTORY}
    assert tree["usr/share"].mode == 0o777
    assert "" not in tree
    (tmp_path / "usr/lib/go-1.24").chmod(0o775)
    alone = read_directory(tmp_path / "usr/lib/go-1.24", name="d", itself=True)
    assert alone[""].mode == 0o775


def test_a_directory_behind_a_link_on_the_way_is_the_one_it_leads_to(tmp_path: Path) -> None:
    unpacked(tmp_path)
    (tmp_path / "usr").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o777)
    (tmp_path / "usr").symlink_to("elsewhere")
    tree = read_directory(tmp_path, "usr/lib/go-1.24", name="d")
    assert (tree["usr"].kind, tree["usr"].mode) == (Kind.DIRECTORY, 0o777)


def test_attributes_are_read_but_for_the_machines_own(tmp_path: Path) -> None:
    unpacked(tmp_path)
    version = tmp_path / "usr/lib/go-1.24/VERSION"
    os.setxattr(version, "user.comment", b"hi")
    os.setxattr(tmp_path / "usr/lib", "user.place", b"")
    tree = read_directory(tmp_path, "usr/lib/go-1.24", name="d")
    assert tree["usr/lib/go-1.24/VERSION"].xattrs == (("user.comment", b"hi"),)
    assert tree["usr/lib"].xattrs == (("user.place", b""),)
    assert tree["usr/lib/go-1.24"].xattrs == ()


MACHINES = (
    *("security.selinux", "security.SMACK64EXEC", "security.ima", "security.evm"),
    *("trusted.overlay.opaque", "btrfs.compression", "system.nfs4_acl"),
)
OTHERS = (
    *("security.capability", "system.posix_acl_access", "system.posix_acl_default"),
    *("user.selinux", "trusted.x"),
)


@pytest.mark.parametrize("name", [*MACHINES, *OTHERS])
def test_which_attributes_are_the_machines(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "listxattr", lambda *_a, **_k: [name])
    monkeypatch.setattr(os, "getxattr", lambda *_a, **_k: b"x")
    (tmp_path / "file").write_bytes(b"x")
    found = read_paths(tmp_path, ["file"], name="d")["file"].xattrs
    assert found == (() if name in MACHINES else ((name, b"x"),))


def test_a_file_system_without_attributes_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_a: object, **_k: object) -> list[str]:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(os, "listxattr", refuse)
    (tmp_path / "file").write_bytes(b"x")
    assert read_paths(tmp_path, ["file"], name="d")["file"].xattrs == ()
