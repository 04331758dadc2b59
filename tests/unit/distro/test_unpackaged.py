from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.distro.unpackaged import open_unpackaged, without_owners
from samego.errors import InputError, UnknownReleaseError
from samego.model.release import Target
from samego.model.tree import Entry, Kind
from support.archives import memory_tree

FILES = {"VERSION": b"go1.24.4\ntime 2025\n", "pkg/tool/linux_arm64/asm": b"\x7fELF"}
MODULE = "golang.org/toolchain@v0.0.1-go1.24.4.linux-arm64/"


def directory(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def tarball(path: Path) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in FILES.items():
            info = tarfile.TarInfo(f"go/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, prefix: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(prefix + name, data)
    return path


@pytest.mark.parametrize("form", ["directory", "tar.gz", "zip", "module"])
def test_every_form_of_a_toolchain_is_read(form: str, tmp_path: Path) -> None:
    path = {
        "directory": lambda: directory(tmp_path / "go", FILES),
        "tar.gz": lambda: tarball(tmp_path / "go.tar.gz"),
        "zip": lambda: zipped(tmp_path / "go.zip", "go/"),
        "module": lambda: zipped(tmp_path / "m.zip", MODULE),
    }[form]()
    with open_unpackaged(Request((str(path),), tmp_path, tmp_path)) as shipment:
        assert str(shipment.subject.release) == "go1.24.4"
        assert str(shipment.subject.target) == "linux-arm64"
        tree = shipment.read(())
        assert tree.read("VERSION") == FILES["VERSION"]
        assert tree["VERSION"].owner in {None, (0, 0)}


@pytest.mark.parametrize(
    ("files", "what"),
    [
        pytest.param({"README": b""}, "no VERSION", id="no toolchain"),
        pytest.param({"VERSION": b"go1.24.4\n"}, "tools for 0 targets", id="no tools"),
        pytest.param(
            FILES | {"pkg/tool/linux_386/asm": b""}, "tools for 2 targets", id="two targets"
        ),
        pytest.param(
            {"VERSION": b"devel\n"}, "says 'devel', which names no release", id="no release"
        ),
    ],
)
def test_what_is_no_toolchain_is_refused(
    files: dict[str, bytes], what: str, tmp_path: Path
) -> None:
    root = directory(tmp_path / "go", files)
    with (
        pytest.raises((InputError, UnknownReleaseError), match=what),
        open_unpackaged(Request((str(root),), tmp_path, tmp_path)),
    ):
        pass


def test_a_target_that_the_user_names_need_not_be_found(tmp_path: Path) -> None:
    root = directory(tmp_path / "go", {"VERSION": b"go1.24.4\n"})
    target = Target.parse("linux-s390x")
    request = Request((str(root),), tmp_path, tmp_path, target=target)
    with open_unpackaged(request) as shipment:
        assert shipment.subject.target == target


@pytest.mark.parametrize("what", [(), ("a", "b")])
def test_only_one_thing_can_be_unpackaged(what: tuple[str, ...], tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="not one thing"),
        open_unpackaged(Request(what, tmp_path, tmp_path)),
    ):
        pass


@pytest.mark.parametrize(
    ("mode", "owner", "left"),
    [
        (0o775, (1000, 1000), 0o755),
        (0o664, (1000, 1000), 0o644),
        (0o775, (1000, 100), 0o775),
        (0o775, (0, 0), 0o775),
        (0o777, (1000, 1000), 0o757),
        (0o2775, (1000, 1000), 0o2755),
    ],
)
def test_a_umask_leaves_the_unpackers_own_group_the_right_to_write(
    mode: int, owner: tuple[int, int], left: int
) -> None:
    entry = Entry("bin", Kind.DIRECTORY, mode, owner=owner)
    tree = without_owners(memory_tree({}).with_entries({"bin": entry}, carries_modes=True))
    assert (tree["bin"].mode, tree["bin"].owner) == (left, None)
