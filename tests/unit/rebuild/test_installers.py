"""What installers install, compared with a rebuilt tree: one change at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from samego.errors import HostileArchiveError, InputError
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rebuild.compare_members import RebuildOutcome, TreeDifference, compare_installed
from samego.rebuild.installers import open_installer
from samego.upstream.channels.interface import Posted
from samego.words.causes import said
from support.archives import memory_tree
from support.installers import cpio, macos_members, macos_pkg, msi, pkg
from support.macho_files import executable, signed

RELEASE = Release.parse("go1.24.4")
FILES = {
    "VERSION": b"go1.24.4\n",
    "bin/go": executable(page=1),
    "src/make.bash": b"#!/bin/bash\n",
    "test/\u00defoo.go": b"package a\n",
}
SIGNED = {**FILES, "bin/go": signed(team="EQHXZ8M8AV")}
MODES = {"bin/go": 0o755, "src/make.bash": 0o755}
FILE, DIRECTORY, LINK = 0o100644, 0o040755, 0o120777


@contextmanager
def ours(files: Mapping[str, bytes] = FILES, *, modes: bool = True) -> Iterator[Tree]:
    tree = memory_tree(files, modes=MODES)
    yield tree if modes else tree.with_entries(dict(tree), carries_modes=False)


def judge(path: Path, directory: Path, files: Mapping[str, bytes] = FILES) -> TreeDifference:
    target = Target("darwin" if path.suffix == ".pkg" else "windows", "amd64")
    posted = Posted("test", "installer", RELEASE, target, path.as_uri(), path, "", ())
    with ours(files) as tree, open_installer(posted, tree, directory / "work") as contents:
        return compare_installed(tree, contents)


def test_the_same_files_are_equivalent(tmp_path: Path) -> None:
    result = judge(macos_pkg(tmp_path / "go.pkg", FILES), tmp_path)
    assert result.outcome is RebuildOutcome.EQUIVALENT
    assert said(result.cause) == "it installs the rebuilt files: all 4 files are equal"
    result = judge(msi(tmp_path / "go.msi", FILES), tmp_path)
    assert (result.outcome, result.where) == (RebuildOutcome.EQUIVALENT, ())


def test_signatures_are_set_aside(tmp_path: Path) -> None:
    result = judge(macos_pkg(tmp_path / "go.pkg", SIGNED), tmp_path)
    assert result.outcome is RebuildOutcome.EQUIVALENT
    assert "1 executables differ in their code signature alone, 3 files equal" in said(result.cause)


def test_a_byte_of_a_signed_executable_is_not(tmp_path: Path) -> None:
    changed = bytearray(SIGNED["bin/go"])
    changed[0xFFF] ^= 1  # the last byte of the program's text
    result = judge(macos_pkg(tmp_path / "go.pkg", {**SIGNED, "bin/go": bytes(changed)}), tmp_path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert result.where[0].startswith("bin/go: ")


@pytest.mark.parametrize("suffix", ["pkg", "msi"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"VERSION": b"go1.24.5\n"}, "VERSION: "),
        ({"bin/evil": b"x"}, "bin/evil: only upstream has it"),
        ({"VERSION": None}, "VERSION: only the rebuild has it"),
        ({"test/\u00defoo.go": b"package b\n"}, "test/\u00defoo.go: "),
    ],
    ids=["changed", "extra", "missing", "changed beyond ASCII"],
)
def test_one_change_is_found_and_named(
    tmp_path: Path, suffix: str, changes: Mapping[str, bytes | None], said: str
) -> None:
    whole: dict[str, bytes | None] = {**FILES, **changes}
    files = {path: data for path, data in whole.items() if data is not None}
    make = macos_pkg if suffix == "pkg" else msi
    result = judge(make(tmp_path / f"go.{suffix}", files), tmp_path)
    assert result.outcome is RebuildOutcome.DIFFERS
    (line,) = result.where
    assert line.startswith(said)


@pytest.mark.parametrize(
    ("paths", "outcome"),
    [
        (b"/usr/local/go/bin\n", RebuildOutcome.EQUIVALENT),
        (None, RebuildOutcome.EQUIVALENT),
        (b"/usr/local/go/bin", RebuildOutcome.DIFFERS),
        (b"/tmp/evil\n", RebuildOutcome.DIFFERS),
        (b"/usr/local/go/bin\n/tmp/evil\n", RebuildOutcome.DIFFERS),
    ],
)
def test_the_path_file_has_exactly_its_line(
    tmp_path: Path, paths: bytes | None, outcome: RebuildOutcome
) -> None:
    result = judge(macos_pkg(tmp_path / "go.pkg", FILES, paths=paths), tmp_path)
    assert result.outcome is outcome
    assert [line.partition(":")[0] for line in result.where] == (
        ["etc/paths.d/go"] if outcome is RebuildOutcome.DIFFERS else []
    )


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (("./etc/paths.d/other", FILE, b""), "etc/paths.d/other: only upstream's installer"),
        (("./etc/sudoers.d", DIRECTORY, b""), "etc/sudoers.d: only upstream's installer"),
        (("./usr/local/go/evil", LINK, b"/etc"), "evil: only upstream has it"),
        (("./usr/local/go/lib", 0o040777, b""), "usr/local/go/lib: a directory of mode 777"),
        (("./usr/local/go-evil", FILE, b""), "usr/local/go-evil: only upstream's installer"),
    ],
)
def test_nothing_else_may_be_installed(
    tmp_path: Path, member: tuple[str, int, bytes], said: str
) -> None:
    path = pkg(tmp_path / "go.pkg", cpio([*macos_members(FILES), member]))
    result = judge(path, tmp_path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert result.where[0].startswith(said)


@pytest.mark.parametrize(
    ("name", "mode", "said"),
    [
        ("./usr/local/go/bin/go", 0o104755, "bin/go: mode 755, upstream's 4755"),
        ("./usr/local/go/VERSION", 0o100666, "VERSION: mode 644, upstream's 666"),
        ("./etc/paths.d/go", 0o100666, "etc/paths.d/go: mode 666, not 644"),
        ("./usr/local", 0o040777, "usr/local: a directory of mode 777"),
        ("./usr/local/go/VERSION", LINK, "VERSION: a file, upstream's link"),
    ],
)
def test_modes_and_kinds_count(tmp_path: Path, name: str, mode: int, said: str) -> None:
    members = [
        (each, mode if each == name else old, data) for each, old, data in macos_members(FILES)
    ]
    result = judge(pkg(tmp_path / "go.pkg", cpio(members)), tmp_path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert said in result.where


def test_windows_programs_may_lie_in_the_program_folder_of_32_bits(tmp_path: Path) -> None:
    path = msi(tmp_path / "go.msi", FILES, folder="ProgramFilesFolder")
    assert judge(path, tmp_path).outcome is RebuildOutcome.EQUIVALENT


def test_a_file_beside_windows_go_is_found(tmp_path: Path) -> None:
    files = {**{f"Go/{path}": data for path, data in FILES.items()}, "Evil/x.exe": b"x"}
    result = judge(msi(tmp_path / "go.msi", files, root="."), tmp_path)
    assert result.outcome is RebuildOutcome.DIFFERS
    assert result.where == ("Evil/x.exe: only upstream's installer has it",)


def test_installers_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    for path in (macos_pkg(tmp_path / "go.pkg", FILES), msi(tmp_path / "go.msi", FILES)):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(InputError):
            judge(path, tmp_path)
    hostile = pkg(tmp_path / "evil.pkg", cpio([("../x", FILE, b"")]))
    with pytest.raises(HostileArchiveError):
        judge(hostile, tmp_path)
