"""What a replay of patches reads of a patch before, and of the tree after the tool ran.

The tools themselves run in tests/integration/test_patch_tree.py.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from samego.model.inputs import Patch
from samego.model.proof import Tool
from samego.rules import patch_replay
from samego.rules.patch_replay import ReplayResult, replay, words
from samego.sandbox.process import Ending
from samego.sandbox.running import Finished
from support.archives import memory_tree

DIGEST = hashlib.sha256(b"new").hexdigest()
TOOLS = (Tool("dpkg-source", "1.21"),)


def patch(name: str, data: bytes) -> Patch:
    return Patch(name, data, "debian/patches", exact=True)


def left(
    tree: Path, files: dict[str, bytes], given: frozenset[str], *upstream: str
) -> ReplayResult:
    for path, data in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
    posted = memory_tree(dict.fromkeys(upstream, b"old"))
    return patch_replay._result(tree, given, posted, TOOLS)


def test_the_tools_own_files_are_no_result(tmp_path: Path) -> None:
    """Wherever they come in the order of names."""
    own = {".pc/applied": b"x", "debian/control": b"x", "a.go.dpkg-orig": b"x"}
    done = left(tmp_path, {**own, "z.go": b"new"}, frozenset({"z.go"}), "z.go")
    assert done == ReplayResult({"z.go": DIGEST}, frozenset({"z.go"}), TOOLS)


def test_a_new_file_is_a_result_and_one_that_upstream_has_is_none(tmp_path: Path) -> None:
    files = {"given.go": b"new", "made.go": b"new"}
    done = left(tmp_path / "a", files, frozenset({"given.go"}), "given.go")
    assert (done.files, done.problem) == (dict.fromkeys(files, DIGEST), "")
    done = left(tmp_path / "b", files, frozenset({"given.go"}), "given.go", "made.go")
    assert (done.files, done.problem) == ({}, "a patch makes made.go, which upstream has")


def test_a_removed_file_is_no_result(tmp_path: Path) -> None:
    done = left(tmp_path, {"a.go": b"new"}, frozenset({"a.go", "b.go"}), "a.go", "b.go")
    assert (done.files, done.given) == ({"a.go": DIGEST}, frozenset({"a.go", "b.go"}))


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        (b"Debian dpkg-source version 1.21.22.", "1.21.22"),
        (b"dpkg-source version 1.23.11", "1.23.11"),
    ],
)
def test_the_versions_are_read_dpkg_source_first(printed: bytes, version: str) -> None:
    assert patch_replay._tools(b"GNU patch 2.7.6\n%s\n" % printed) == (
        Tool("dpkg-source", version),
        Tool("patch", "2.7.6"),
    )


def test_of_a_missing_tool_no_version_is_read() -> None:
    assert patch_replay._tools(b"sh: patch: not found\n") == ()


@pytest.mark.parametrize(
    ("stderr", "ended", "why"),
    [
        (b"info\nHunk #1 FAILED at 3.\n", None, "Hunk #1 FAILED at 3."),
        (b"  can't find file to patch\n", None, "can't find file to patch"),
        (b"info\nmore\n", None, "info"),
        (b"", None, "the tool says nothing"),
        (b"error\n", Ending.TIME, f"applying the patches was ended: {Ending.TIME.value}"),
    ],
)
def test_the_reason_is_the_first_error(stderr: bytes, ended: Ending | None, why: str) -> None:
    done = Finished(1, ended, b"", stderr, 0.0, 0.0)
    assert patch_replay._why(done) == why


def test_words_are_names_with_and_without_the_first_directory() -> None:
    found = words(b"--- a/src//x.go\t2024\nIndex:src/./y.go\n")
    assert {"a/src//x.go", "src//x.go", "src/x.go", "2024"} <= found
    assert {"src/y.go", "src/./y.go", "y.go"} <= found


@pytest.mark.parametrize("name", ["series", "../a.patch", "a b.patch", ""])
def test_a_patch_without_a_plain_name_is_not_applied(name: str) -> None:
    done = replay([patch(name, b"")], memory_tree({}))
    assert (done.files, done.problem) == ({}, f"{name!r} is no plain name of a patch")


def test_a_patch_with_a_name_in_quotes_is_not_applied() -> None:
    patches = [patch("a.patch", b"--- a/x\n"), patch("b.patch", b'--- "a/\\303\\244"\n')]
    assert replay(patches, memory_tree({})).problem == "b.patch has a file name in quotes"


def test_too_many_files_are_not_put_into_the_small_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samego.sandbox.available", lambda: True)
    tree = memory_tree({"a.go": b"four", "b.go": b"four", "c.go": b"four"})
    patches = [patch("a.patch", b"--- a/a.go\n+++ b/b.go\n")]
    for name, limit in (("_ALL", 7), ("_ENTRIES", 1)):
        with monkeypatch.context() as patched:
            patched.setattr(patch_replay, name, limit)
            done = replay(patches, tree)
        assert done.problem == "the patches name too many files"
        assert done.given == {"a.go", "b.go"}


def test_files_with_blanks_are_always_put_into_the_small_tree() -> None:
    """A patch may name them in ways that no list of words shows; debian/ is the packaging's."""
    tree = memory_tree(dict.fromkeys(["a b", "debian/c d", "debian/control", "x", "y"], b""))
    named = patch_replay._named([patch("p", b"--- a/x\n+++ b/debian/control\n")], tree)
    assert named == {"a b", "x"}
