from __future__ import annotations

import gzip
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from samego_arch.package.named_inside import is_package, named_inside
from samego_arch.version import FileName
from support.arch_packages import ArchMaker


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
def test_a_package_is_told_by_what_it_holds(maker: ArchMaker, suffix: str) -> None:
    path = replace(maker, suffix=suffix).write()
    path = path.rename(path.with_name("x"))
    assert is_package(path)
    assert named_inside(path) == FileName("go", "2:1.24.9-1", "x86_64", "")


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b".PKGINFO", gzip.compress(b"go/VERSION"), b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0no"],
    ids=["empty", "short", "a name and no more", "other", "broken zstd", "broken xz"],
)
def test_what_is_none_names_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "go-2:1.24.9-1-x86_64.pkg.tar.zst"
    path.write_bytes(data)
    assert named_inside(path) is None


def test_an_archive_of_upstreams_is_none(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("go1.24.4")
    with tarfile.open(tmp_path / "go1.24.4.linux-amd64.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "VERSION", "go/VERSION")
    assert not is_package(tmp_path / "go1.24.4.linux-amd64.tar.gz")
    assert not is_package(tmp_path)
    assert not is_package(tmp_path / "missing")
