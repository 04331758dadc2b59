from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from samego.distro import golang_dl
from samego.distro.interface import Request
from samego.distro.unpackaged import open_unpackaged
from support.words import cause_of

ARCHIVE = "go1.26.10.linux-amd64.tar.gz"
FILES = {"VERSION": b"go1.26.10\n", "bin/go": b"go", "pkg/tool/linux_amd64/vet": b"vet"}


def packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(f"go/{path}")
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    goroot = tmp_path / "sdk/go1.26.10"
    for path, data in {**FILES, golang_dl.MARK: b"", ARCHIVE: packed(FILES)}.items():
        file = goroot / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return goroot


def remarks(goroot: Path) -> dict[str, str]:
    work = goroot.parent
    with open_unpackaged(Request((str(goroot),), work, work)) as shipment:
        assert shipment.notes == (golang_dl.NOTE,)
        assert ARCHIVE not in shipment.read(frozenset())
        return {remark.path: cause_of(remark) for remark in shipment.self_description.remarks}


def test_the_archive_that_it_keeps_holds_what_was_unpacked(sdk: Path) -> None:
    assert remarks(sdk) == {}
    (sdk / ARCHIVE).unlink()
    assert remarks(sdk) == {}


def test_another_archive_is_a_finding(sdk: Path) -> None:
    (sdk / ARCHIVE).write_bytes(packed({**FILES, "bin/go": b"gone"}))
    assert remarks(sdk) == {ARCHIVE: "its contents differ from what was unpacked (bin/go)"}
    (sdk / ARCHIVE).write_bytes(b"\x1f\x8b nonsense")
    assert "it cannot be read" in remarks(sdk)[ARCHIVE]


def test_a_changed_file_is_seen_from_both_sides(sdk: Path) -> None:
    (sdk / "bin/go").write_bytes(b"gone")
    assert remarks(sdk) == {ARCHIVE: "its contents differ from what was unpacked (bin/go)"}
