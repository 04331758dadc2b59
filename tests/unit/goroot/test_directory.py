from __future__ import annotations

import os
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.goroot.directory import read_directory, read_paths
from samego.goroot.limits import Limits
from samego.goroot.payload import goroot_view
from samego.goroot.tree import Kind


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
    [pytest.param(Limits(entries=2), id="files"), pytest.param(Limits(file_bytes=3), id="bytes")],
)
def test_limits_hold(limits: Limits, tmp_path: Path) -> None:
    unpacked(tmp_path)
    with pytest.raises(HostileArchiveError, match="larger"):
        read_directory(tmp_path, name="d", limits=limits)
