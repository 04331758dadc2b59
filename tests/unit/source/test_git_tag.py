from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from samego.errors import InputError, ToolError
from samego.source import git_clone
from samego.source.git_objects import object_name
from samego.source.git_tag import compare_with_tag, names_for
from samego.source.result import GitTag, InGit, What
from support.archives import memory_tree
from support.made_clone import GIT_FILES, clone, commit, git
from support.made_source import RELEASE, source_files


def repository_files() -> dict[str, bytes]:
    files = {**source_files(), **GIT_FILES}
    del files["VERSION"]
    return files


def compare(directory: Path, files: Mapping[str, bytes], form: str = "source") -> GitTag:
    modes = {path: 0o755 for path in files if path.endswith(".bash")}
    names = names_for(directory, RELEASE)
    for path, data in files.items():
        names.take(path, data)
    return compare_with_tag(directory, RELEASE, form, memory_tree(files, modes=modes), names)


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_tag_of_a_clone_gives_the_files_of_the_source(
    tmp_path: Path,
    form: str,
    packed: bool,  # noqa: FBT001 - a case
) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE, form, annotated=True)
    if packed:
        git(directory, "gc", "--quiet")
        git(directory, "pack-refs", "--all")
    found = compare(directory, source_files())
    assert found.outcome is InGit.SAME_FILES, found
    assert found.object_format == form
    assert found.commit == git(directory, "rev-parse", "HEAD")
    assert found.tree == git(directory, "rev-parse", "HEAD^{tree}")
    assert found.tag_object == git(directory, "rev-parse", RELEASE)
    assert found.identical == len(source_files()) - 1
    assert found.added == ("VERSION",)
    assert found.left_out == (".gitattributes", ".github/x.md", ".gitignore")
    assert not found.signature


def test_a_bare_clone_and_another_work_tree_will_do(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    git(directory, "clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    git(directory, "worktree", "add", "--quiet", str(tmp_path / "tree"), "HEAD")
    for each in (tmp_path / "bare", tmp_path / "tree"):
        assert compare(each, source_files()).outcome is InGit.SAME_FILES


@pytest.mark.parametrize(
    ("change", "path", "what"),
    [
        ({"src/fmt/print.go": b"package evil\n"}, "src/fmt/print.go", What.CONTENT),
        ({"src/fmt/more.go": b"package fmt\n"}, "src/fmt/more.go", What.MISSING),
    ],
)
def test_a_change_in_the_clone_is_named(
    tmp_path: Path, change: Mapping[str, bytes], path: str, what: What
) -> None:
    directory = clone(tmp_path / "go", {**repository_files(), **change}, RELEASE)
    found = compare(directory, source_files())
    assert found.outcome is InGit.DIFFERS
    assert [(each.path, each.what) for each in found.differences] == [(path, what)]


def test_a_file_that_only_the_source_has_is_named(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    found = compare(directory, {**source_files(), "src/fmt/evil.go": b"package fmt\n"})
    assert [(each.path, each.what) for each in found.differences] == [
        ("src/fmt/evil.go", What.EXTRA)
    ]


def test_permissions_are_gits_or_follow_from_the_name(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    (directory / "src/make.bash").chmod(0o644)
    (directory / "src/fmt/print.go").chmod(0o755)
    commit(directory, {})
    git(directory, "tag", "--force", RELEASE)
    found = compare(directory, source_files())
    assert (found.outcome, found.modes) == (InGit.SAME_FILES, 2)
    names = names_for(directory, RELEASE)
    for path, data in source_files().items():
        names.take(path, data)
    modes = {path: 0o755 for path in source_files() if path.endswith((".bash", "go.mod"))}
    tree = memory_tree(source_files(), modes=modes)
    wrong = compare_with_tag(directory, RELEASE, "source", tree, names)
    assert [(each.path, each.what) for each in wrong.differences] == [
        ("src/cmd/go.mod", What.MODE),
        ("src/go.mod", What.MODE),
    ]


def test_a_link_is_no_file(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    (directory / "src/fmt/print.go").unlink()
    (directory / "src/fmt/print.go").symlink_to("other.go")
    commit(directory, {})
    git(directory, "tag", "--force", RELEASE)
    found = compare(directory, source_files())
    assert [(each.path, each.what) for each in found.differences] == [
        ("src/fmt/print.go", What.KIND)
    ]


def test_the_module_form_is_held_against_what_it_has(tmp_path: Path) -> None:
    files = {**repository_files(), "test/x.go": b"package x\n", "api/go1.txt": b"pkg\n"}
    directory = clone(tmp_path / "go", files, RELEASE)
    built = {**source_files(), "src/internal/buildcfg/zbootstrap.go": b"package buildcfg\n"}
    found = compare(directory, built, "module")
    assert (found.outcome, found.not_compared) == (InGit.SAME_FILES, 3)
    assert compare(directory, source_files(), "source").outcome is InGit.DIFFERS


def test_nothing_of_the_clone_is_run_or_believed(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    trap = tmp_path / "trap"
    script = directory / ".git/hooks/trap"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n", "ascii")
    script.chmod(0o755)
    for name in ("post-checkout", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(script, directory / ".git/hooks" / name)
    with (directory / ".git/config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\thooksPath = {script.parent}\n"
            f"\tsshCommand = {script}\n\talternateRefsCommand = {script}\n"
            f"[extensions]\n\tpartialClone = evil\n"
            f'[remote "evil"]\n\turl = ext::{script}\n\tpromisor = true\n'
            f"[include]\n\tpath = /dev/zero\n[broken\n"
        )
    # A replacement would have git show another object under this name.
    tree = git_tree(directory)
    replacement = directory / ".git/refs/replace" / tree
    replacement.parent.mkdir(parents=True)
    replacement.write_text(f"{'0' * 40}\n", "ascii")
    assert compare(directory, source_files()).outcome is InGit.SAME_FILES
    assert not trap.exists()


def git_tree(directory: Path) -> str:
    with git_clone.open_clone(directory, git_clone.tag_target(directory, RELEASE)) as opened:
        _kind, data = opened.read(git_clone.tag_target(directory, RELEASE))
    return data.split()[1].decode()


def _object(directory: Path, oid: str) -> Path:
    return directory / ".git/objects" / oid[:2] / oid[2:]


def _forged(path: Path) -> None:
    kind, _, content = zlib.decompress(path.read_bytes()).partition(b"\0")
    path.chmod(0o644)
    path.write_bytes(zlib.compress(kind + b"\0" + content.replace(b"print.go", b"prinz.go")))


def _removed(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:10])


@pytest.mark.parametrize("damage", [_forged, _removed, _cut])
def test_an_object_that_is_not_what_its_name_says_decides_nothing(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    damage(_object(directory, git(directory, "rev-parse", f"{RELEASE}:src/fmt")))
    found = compare(directory, source_files())
    assert found.outcome is InGit.UNDECIDED
    assert "the clone has" in found.reason
    assert str(tmp_path) not in found.reason


def test_a_tag_of_no_commit_decides_nothing(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), "other")
    git(directory, "tag", RELEASE, git(directory, "rev-parse", "HEAD:src/fmt/print.go"))
    found = compare(directory, source_files())
    assert (found.outcome, found.commit) == (InGit.UNDECIDED, "")


@pytest.mark.parametrize(
    ("signature", "kind"),
    [("-----BEGIN PGP SIGNATURE-----", "OpenPGP"), ("-----BEGIN SSH SIGNATURE-----", "SSH")],
)
def test_a_signature_is_reported_and_not_judged(tmp_path: Path, signature: str, kind: str) -> None:
    directory = clone(tmp_path / "go", repository_files(), "other")
    git(directory, "tag", "-a", "-m", f"x\n{signature}\n", RELEASE)
    assert compare(directory, source_files()).signature == kind


def test_without_such_a_tag_or_a_clone_it_is_an_error(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), "other")
    with pytest.raises(InputError, match=f"has no tag {RELEASE}"):
        names_for(directory, RELEASE)
    with pytest.raises(InputError, match="is no clone of git"):
        names_for(tmp_path, RELEASE)
    (directory / ".git/reftable").mkdir()
    with pytest.raises(InputError, match="reftable"):
        names_for(directory, RELEASE)


def test_a_pipe_among_the_objects_keeps_nothing_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    oid = git(directory, "rev-parse", f"{RELEASE}:src/fmt")
    _removed(_object(directory, oid))
    os.mkfifo(_object(directory, oid))
    monkeypatch.setattr(git_clone, "_PATIENCE", 0.5)
    assert compare(directory, source_files()).outcome is InGit.UNDECIDED


def test_without_git_it_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    monkeypatch.setattr(git_clone, "PATH", os.fspath(tmp_path))
    with pytest.raises(ToolError, match="git is not installed"):
        compare(directory, source_files())


def _put(directory: Path, kind: str, data: bytes) -> str:
    """Write a loose object, however strange; its name."""
    oid = object_name(kind, data, "sha1")
    path = _object(directory, oid)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(f"{kind} {len(data)}\0".encode() + data))
    return oid


def _tag_tree(directory: Path, tree: bytes) -> None:
    who = "A <a@example.org> 0 +0000"
    data = f"tree {_put(directory, 'tree', tree)}\nauthor {who}\ncommitter {who}\n\nx\n".encode()
    (directory / ".git/refs/tags" / RELEASE).write_text(_put(directory, "commit", data), "ascii")


def _entry(mode: str, name: str, oid: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(oid)


def test_a_tree_with_two_files_of_one_name_decides_nothing(tmp_path: Path) -> None:
    """Programs read one or the other: the last would be the genuine one."""
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    genuine = b"".join(
        _entry(mode.removeprefix("0"), name, oid)
        for mode, _kind, oid, name in map(
            str.split, git(directory, "ls-tree", RELEASE).splitlines()
        )
    )
    evil = _put(directory, "blob", b"rm -rf /\n")
    _tag_tree(directory, genuine)
    assert compare(directory, source_files()).outcome is InGit.SAME_FILES
    other = _put(directory, "tree", _entry("100755", "make.bash", evil))
    for twice in (_entry("40000", "src", other), _entry("100644", "src", evil)):
        for tree in (genuine + twice, twice + genuine):
            _tag_tree(directory, tree)
            assert compare(directory, source_files()).outcome is InGit.UNDECIDED


def test_a_few_bytes_of_objects_do_not_fill_the_memory(tmp_path: Path) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    long = _entry("100644", "a" * (1 << 20), _put(directory, "blob", b"x"))
    inner = _put(directory, "tree", long)
    _tag_tree(directory, b"".join(_entry("40000", f"{n:06}", inner) for n in range(1000)))
    found = compare(directory, source_files())
    assert found.outcome is InGit.UNDECIDED
    assert "longer paths" in found.reason
    deep = _put(directory, "tree", b"")
    for _ in range(520):
        deep = _put(directory, "tree", _entry("40000", "d", deep))
    _tag_tree(directory, _entry("40000", "d", deep))
    assert compare(directory, source_files()).outcome is InGit.UNDECIDED


def test_git_itself_has_no_more_memory_than_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = clone(tmp_path / "go", repository_files(), RELEASE)
    message = b"object " + git(directory, "rev-parse", "HEAD").encode() + b"\ntype commit\n\n"
    oid = _put(directory, "tag", message + b"x" * (12 << 20))
    (directory / ".git/refs/tags" / RELEASE).write_text(oid, "ascii")
    assert compare(directory, source_files()).outcome is InGit.SAME_FILES
    monkeypatch.setattr(git_clone, "_MEMORY", 8 << 20)
    assert compare(directory, source_files()).outcome is InGit.UNDECIDED


@pytest.mark.parametrize("name", [f"refs/tags/{RELEASE}", "packed-refs", "commondir"])
def test_a_pipe_in_a_clone_does_not_make_it_wait(tmp_path: Path, name: str) -> None:
    directory = clone(tmp_path / "go", repository_files(), "other")
    os.mkfifo(directory / ".git" / name)
    with pytest.raises(InputError, match=f"has no tag {RELEASE}"):
        names_for(directory, RELEASE)
