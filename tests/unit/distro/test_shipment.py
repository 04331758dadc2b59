"""A file that somebody's list names is that file, or the list cannot be followed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from samego.distro.shipment import check_file
from samego.errors import InputError, VerificationError

DATA = b"a package"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.deb"
    path.write_bytes(DATA)
    return path


def test_the_file_that_is_listed(file: Path) -> None:
    check_file(file, SHA256, len(DATA), listed_in="a.changes")


@pytest.mark.parametrize(("digest", "size"), [("0" * 64, len(DATA)), (SHA256, 1)])
def test_another_file(file: Path, digest: str, size: int) -> None:
    with pytest.raises(VerificationError, match=r"not the file that a\.changes lists"):
        check_file(file, digest, size, listed_in="a.changes")


@pytest.mark.parametrize("name", ["b.deb", "a" * 300, "a\0b", "\ud800"])
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"a\.changes"):
        check_file(tmp_path / name, SHA256, 1, listed_in="a.changes")
