"""Windows installers that wixl writes and msiextract reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError, ToolError
from samego.formats.archive.limits import ArchiveLimits
from samego.model.tree import Tree
from samego.rebuild.msi import unpacked_msi
from support.installers import msi

FILES = {"VERSION": b"go1.24.4\n", "bin/go.exe": b"program", "test/\u00defoo.go": b"package a\n"}


def read(path: Path, tmp_path: Path, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    with unpacked_msi(
        path, tmp_path / "work", name="go.msi", limits=limits or ArchiveLimits()
    ) as tree:
        return contents(tree)


def contents(tree: Tree) -> dict[str, bytes]:
    assert not tree.carries_modes
    return {path: tree.read(path) for path in tree}


def left(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "work").glob("*")) + list((tmp_path / "work").glob(".*"))


def test_what_is_installed_is_read_and_nothing_stays(tmp_path: Path) -> None:
    found = read(msi(tmp_path / "go.msi", FILES), tmp_path)
    assert found == {f"Go/{path}": data for path, data in FILES.items()}
    assert left(tmp_path) == []


@pytest.mark.parametrize("root", ["..", "../../../../tmp", "a/..", "a\\..\\..\\b"])
def test_names_that_climb_are_refused_before_anything_is_written(tmp_path: Path, root: str) -> None:
    path = msi(tmp_path / "go.msi", {"VERSION": b"x"}, root=root)
    before = set(tmp_path.iterdir())
    with pytest.raises(HostileArchiveError, match="a member named"):
        read(path, tmp_path)
    assert set(tmp_path.iterdir()) - before == {tmp_path / "work"}
    assert left(tmp_path) == []


def test_names_that_collide_on_windows_are_refused(tmp_path: Path) -> None:
    path = msi(tmp_path / "go.msi", {"VERSION": b"x", "version": b"y"})
    with pytest.raises(HostileArchiveError, match="twice"):
        read(path, tmp_path)


def test_a_truncated_installer_is_an_error_wherever_it_ends(tmp_path: Path) -> None:
    whole = msi(tmp_path / "go.msi", FILES).read_bytes()
    cut = tmp_path / "cut.msi"
    for size in (0, 1500, len(whole) // 2, len(whole) - 1500):
        cut.write_bytes(whole[:size])
        with pytest.raises(InputError):
            read(cut, tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (ArchiveLimits(entries=2), "over 2 files"),
        (ArchiveLimits(file_bytes=8), "has (9|10) bytes"),
        (ArchiveLimits(path_bytes=9), "a member name of"),
    ],
)
def test_what_is_beyond_the_limits_is_refused(
    tmp_path: Path, limits: ArchiveLimits, said: str
) -> None:
    path = msi(tmp_path / "go.msi", FILES)
    with pytest.raises(HostileArchiveError, match=said):
        read(path, tmp_path, limits)


def test_a_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    # Lists one file, and then writes without end.
    program = (
        '#!/bin/sh\n[ "$1" = --list ] && echo Go/VERSION && exit\nexec cat /dev/zero > "$2/x"\n'
    )
    (tools / "msiextract").write_text(program, "utf-8")
    (tools / "msiextract").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    with pytest.raises(InputError, match="wrote more than 1000000 bytes"):
        read(tmp_path / "go.msi", tmp_path, ArchiveLimits(total_bytes=1_000_000))
    assert left(tmp_path) == []


def test_what_was_not_listed_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    program = '#!/bin/sh\n[ "$1" = --list ] && echo Go/VERSION && exit\necho x > "$2/evil"\n'
    (tools / "msiextract").write_text(program, "utf-8")
    (tools / "msiextract").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    with pytest.raises(InputError, match="lists 1 files and gives 1"):
        read(tmp_path / "go.msi", tmp_path)


def test_without_the_tool_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="msiextract is not installed"):
        read(tmp_path / "go.msi", tmp_path)
