from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from samego.formats.tree.disk_root import DiskRoot
from samego.model.tree import Entry, Kind
from samego_arch.archive.pacman_conf import PacmanConf
from samego_arch.installed.pacman_settings import kept, withheld
from support.archives import memory_tree

_DIRECTORY = "usr/share/doc/go"
_A, _B = f"{_DIRECTORY}/a", f"{_DIRECTORY}/b"


def configuration(root: Path, text: str) -> PacmanConf:
    (root / "etc/pacman.d").mkdir(parents=True, exist_ok=True)
    (root / "etc/pacman.conf").write_text("[options]\nInclude = /etc/pacman.d/*.conf\n")
    (root / "etc/pacman.d/no.conf").write_text(text)
    return PacmanConf(root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("NoExtract = usr/share/doc/*", {_DIRECTORY, _A, _B}),
        ("NoExtract = usr/share/doc/* !usr/share/doc/go/a", {_DIRECTORY, _B}),
        ("NoExtract = !usr/share/doc/go/a\nNoExtract = usr/share/doc/*", {_DIRECTORY, _A, _B}),
        ("NoExtract = usr/share/doc/go/", {_DIRECTORY}),
        ("NoExtract = /usr/share/doc/*", set()),
        ("NoUpgrade = usr/share/doc/*", set()),
        ("#NoExtract = usr/share/doc/*", set()),
        ("[extra]\nNoExtract = usr/share/doc/*", set()),
    ],
)
def test_patterns_as_pacman_reads_them(tmp_path: Path, text: str, expected: set[str]) -> None:
    paths = [_DIRECTORY, _A, _B]
    assert withheld(paths, configuration(tmp_path, text)).paths == expected


def test_the_note_names_the_line_and_its_file(tmp_path: Path) -> None:
    settings = configuration(tmp_path, "NoExtract = usr/share/doc/*")
    [note] = withheld(["usr/share/doc/a", "usr/share/doc/b"], settings).notes("pacman")
    assert note == (
        "2 paths are not on disk because pacman is configured not to unpack them"
        " (NoExtract = usr/share/doc/* in /etc/pacman.d/no.conf): not compared"
    )


@pytest.mark.parametrize("data", [b"new", b"other"])
def test_beside_what_is_kept_only_the_packages_own_file_counts(tmp_path: Path, data: bytes) -> None:
    settings = configuration(tmp_path, "NoUpgrade = go.env")
    (tmp_path / "go.env.pacnew").write_bytes(data)
    listed = {"go.env": Entry("go.env", Kind.FILE, 0o644, 3, hashlib.sha256(b"new").hexdigest())}
    found = kept(DiskRoot(tmp_path), listed, settings)
    tree = memory_tree({"go.env": b"old", "go.env.pacnew": data})
    expected = {"go.env"} if data == b"new" else {"go.env", "go.env.pacnew"}
    assert set(found.without(tree)) == expected
    assert len(found.notes) == (1 if data == b"new" else 0)
    assert kept(DiskRoot(tmp_path), listed, configuration(tmp_path, "")).beside == {}
