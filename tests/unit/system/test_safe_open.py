from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from samego.errors import UnsafePathError
from samego.system import safe_open

NOBODY = 65534
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


def test_a_directory_through_a_guarded_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with safe_open.directory(tmp_path / "link") as descriptor:
        assert os.path.samestat(os.fstat(descriptor), (tmp_path / "real").stat())


def test_an_absolute_guarded_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with safe_open.directory(tmp_path / "link" / "below") as descriptor:
        assert os.path.samestat(os.fstat(descriptor), (tmp_path / "real" / "below").stat())


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775])
def test_no_link_where_others_may_write(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "open" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "open").chmod(mode)
    for path in ("open/link", "open/link/below"):
        with pytest.raises(UnsafePathError, match="link on the way to"):
            safe_open.open_directory(tmp_path / path)


@root
def test_no_link_in_another_users_directory(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "link").symlink_to("/etc")
    os.chown(tmp_path / "theirs", NOBODY, NOBODY)
    with pytest.raises(UnsafePathError, match="name the path that the link leads to"):
        safe_open.open_directory(tmp_path / "theirs" / "link")


def test_links_that_go_round(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OSError, match=r"[Ll]evels of symbolic links"):
        safe_open.open_directory(tmp_path / "one")


def test_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"held")
    assert safe_open.read_file(tmp_path / "file", 4) == b"held"
    with pytest.raises(UnsafePathError, match="has 4 bytes; samego reads at most 3"):
        safe_open.read_file(tmp_path / "file", 3)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("link", "pipe", "directory", "socket"):
            with pytest.raises(UnsafePathError, match=f"{name} is not a regular file"):
                safe_open.read_file(tmp_path / name, 10)
    with pytest.raises(UnsafePathError):
        safe_open.open_file(tmp_path / "pipe", os.O_WRONLY)
    with pytest.raises(UnsafePathError):
        safe_open.read_file("/dev/zero", 10)


def test_a_file_with_two_names_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"kept")
    os.link(tmp_path / "theirs", tmp_path / "ours")
    with pytest.raises(UnsafePathError, match="second hard link"):
        safe_open.open_file(tmp_path / "ours", os.O_RDWR)
    assert (tmp_path / "theirs").read_bytes() == b"kept"


@root
def test_owners(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    os.chown(tmp_path / "file", NOBODY, NOBODY)
    assert safe_open.read_file(tmp_path / "file", 1, owners=(0, NOBODY)) == b"x"
    with pytest.raises(UnsafePathError, match="belongs to the user with uid 65534"):
        safe_open.read_file(tmp_path / "file", 1, owners=(0,))


def test_a_directory_of_our_own(tmp_path: Path) -> None:
    with safe_open.directory(tmp_path) as parent:
        for _ in range(2):
            os.close(safe_open.make_own("made", parent))
        (tmp_path / "link").symlink_to("made")
        (tmp_path / "file").write_bytes(b"")
        for name in ("link", "file"):
            with pytest.raises(UnsafePathError, match="is a link or a file"):
                safe_open.make_own(name, parent)
        (tmp_path / "made").chmod(0o777)
        with pytest.raises(UnsafePathError, match="others could change"):
            safe_open.make_own("made", parent)


@root
def test_another_users_directory_is_not_our_own(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    os.chown(tmp_path / "made", NOBODY, NOBODY)
    with (
        safe_open.directory(tmp_path) as parent,
        pytest.raises(UnsafePathError, match="belongs to the user with uid"),
    ):
        safe_open.make_own("made", parent)
