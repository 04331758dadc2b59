from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import InputError
from samego.formats.tree.disk_root import DiskRoot
from samego_debian.installed.dpkg_settings import (
    DIVERSIONS,
    OVERRIDES,
    Diversion,
    Override,
    diversions,
    filters,
    overrides,
    withheld,
)


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_last_filter_that_matches_decides(tmp_path: Path) -> None:
    text = "path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n"
    write(tmp_path, "etc/dpkg/dpkg.cfg.d/docs", text)
    paths = ["usr/share/doc/a/b/c", "usr/share/doc/a/copyright", "usr/share/docs", "usr/lib/go"]
    found = withheld(paths, filters(DiskRoot(tmp_path)))
    assert {path: str(setting) for path, setting in found.by_path.items()} == {
        "usr/share/doc/a/b/c": "path-exclude=/usr/share/doc/* in /etc/dpkg/dpkg.cfg.d/docs"
    }
    [note] = found.notes("dpkg")
    assert note == (
        "1 path is not on disk because dpkg is configured not to unpack it"
        " (path-exclude=/usr/share/doc/* in /etc/dpkg/dpkg.cfg.d/docs): not compared"
    )


def test_files_are_read_in_dpkgs_order_and_no_others(tmp_path: Path) -> None:
    for name in ("dpkg.cfg.d/b", "dpkg.cfg.d/a", "dpkg.cfg.d/x.dpkg-old", "dpkg.cfg"):
        write(tmp_path, f"etc/dpkg/{name}", f"path-exclude={name}\n")
    write(tmp_path, "root/.dpkg.cfg", "path-exclude=own\n")
    names = ["dpkg.cfg.d/a", "dpkg.cfg.d/b", "dpkg.cfg", "own"]
    assert [each.pattern for each in filters(DiskRoot(tmp_path))] == names


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("path-exclude=/a b", "/a b"),
        ("path-exclude /a", "/a"),
        ("path-exclude = /a", "/a"),
        ("path-exclude='/a'", "/a"),
        ('path-exclude="/a"', "/a"),
        ("#path-exclude=/a", None),
        ("path-excluded=/a", None),
        ("no-debsig", None),
        ("path-exclude", None),
    ],
)
def test_lines_as_dpkg_reads_them(tmp_path: Path, line: str, pattern: str | None) -> None:
    write(tmp_path, "etc/dpkg/dpkg.cfg", line + "\n")
    assert [each.pattern for each in filters(DiskRoot(tmp_path))] == ([pattern] if pattern else [])


def test_diversions_and_overrides(tmp_path: Path) -> None:
    write(tmp_path, DIVERSIONS, "/a/b\n/a/b.real\n:\n/c\n/d\npkg\n")
    assert diversions(DiskRoot(tmp_path)) == (
        Diversion("a/b", "a/b.real", ":"),
        Diversion("c", "d", "pkg"),
    )
    assert diversions(DiskRoot(tmp_path))[0].by == "the administrator"
    write(tmp_path, OVERRIDES, "root #12 0750 /a/with space\n")
    assert overrides(DiskRoot(tmp_path)) == {
        "a/with space": Override("a/with space", "root", "#12", 0o750)
    }
    (tmp_path / "other").mkdir()
    assert diversions(DiskRoot(tmp_path / "other")) == ()
    assert overrides(DiskRoot(tmp_path / "other")) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [(DIVERSIONS, "/a\n/b\n"), (OVERRIDES, "root root /a\n"), (OVERRIDES, "root root rwx /a\n")],
)
def test_a_damaged_list_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text)
    with pytest.raises(InputError, match="not as dpkg writes it"):
        (diversions if name == DIVERSIONS else overrides)(DiskRoot(tmp_path))


@pytest.mark.parametrize(
    ("user", "mode", "harmless"),
    [
        ("root", 0o755, True),
        ("root", 0o700, True),
        ("#0", 0o500, True),
        ("root", 0o4755, False),
        ("root", 0o2755, False),
        ("root", 0o775, False),
        ("root", 0o757, False),
        ("games", 0o755, False),
    ],
)
def test_an_override_that_gives_more_is_never_harmless(
    user: str, mode: int, *, harmless: bool
) -> None:
    assert Override("a", user, "staff", mode).harmless is harmless
