"""Files of a source that differ by the distro's patches, replayed by dpkg-source in the sandbox."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from samego import sandbox
from samego.model.inputs import Context, Inputs, Patch
from samego.model.proof import Proof, Standing
from samego.rules.interface import Blob
from samego.rules.patch_replay import replay, tools_here
from samego.rules.patched_source import PatchedSource, prove_added, prove_removed
from support.patched_file import FIRST, PATCHES, PATH, SECOND, UPSTREAM, WITH_BOTH, WITH_FIRST
from support.rule_context import context, flipped, policy, prove
from support.words import cause_of

BASE = b"one\ntwo\nthree\n"
CHANGED = b"one\nTWO\nthree\n"
DIFF = b"--- a/src/x.go\n+++ b/src/x.go\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n"


def patch(data: bytes, name: str = "fix.patch", *, exact: bool = True) -> Patch:
    return Patch(name, data, "debian/patches", exact)


def of_series(name: str, *, exact: bool = True) -> Patch:
    return patch(PATCHES[name], name, exact=exact)


def frame(*patches: Patch) -> Context:
    return context({}, {}, policy(), Inputs(patches=patches))


def ask(distro: bytes, *patches: Patch, upstream: bytes = BASE) -> Proof | None:
    return asked("src/x.go", distro, upstream, *patches)


def asked(path: str, distro: bytes, upstream: bytes, *patches: Patch) -> Proof | None:
    """The proof of one file of a whole source, which has tests as well."""
    seen = context(
        {path: distro}, {path: upstream, "test/a.go": b""}, policy(), Inputs(patches=patches)
    )
    return PatchedSource().prove(Blob(path, seen.distro), Blob(path, seen.upstream), seen)


def test_a_distros_series_gives_the_distros_file() -> None:
    ours, theirs = WITH_BOTH, UPSTREAM
    proof = prove(PatchedSource(), PATH, ours, theirs, frame(of_series(FIRST), of_series(SECOND)))
    assert proof is not None
    assert proof.standing is Standing.EXPLAINED
    assert cause_of(proof) == f"patched by {FIRST}, {SECOND} (debian/patches)"
    assert proof.details == {
        "patches": (FIRST, SECOND),
        "origin": "debian/patches",
        "exact": True,
    }
    assert proof.tools == tools_here()
    assert [tool.name for tool in proof.tools] == ["dpkg-source", "patch"]
    assert all("." in tool.version for tool in proof.tools)


def test_any_changed_byte_is_refused() -> None:
    ours, theirs = WITH_BOTH, UPSTREAM
    series = frame(of_series(FIRST), of_series(SECOND))
    for at in range(0, len(ours), 2000):
        assert prove(PatchedSource(), PATH, flipped(ours, at), theirs, series) is None


def test_exact_patches_must_all_take_part() -> None:
    ours, theirs = WITH_BOTH, UPSTREAM
    assert asked(PATH, ours, theirs, of_series(FIRST)) is None
    assert asked(PATH, ours, theirs, of_series(SECOND), of_series(FIRST)) is None
    more = patch(b"--- a/%b\n+++ b/%b\n@@ -1 +1 @@\n-// no\n+// yes\n" % ((PATH.encode(),) * 2))
    assert asked(PATH, ours, theirs, of_series(FIRST), of_series(SECOND), more) is None
    proof = prove(
        PatchedSource(), PATH, ours, theirs, frame(of_series(FIRST), of_series(SECOND), more)
    )
    assert proof is not None  # of the module form, which may lack what this patch is for
    assert proof.standing is Standing.UNPROVEN


def test_patches_of_a_near_version_are_candidates() -> None:
    ours, theirs = WITH_FIRST, UPSTREAM
    changed = context({}, {PATH: theirs}, policy())
    digest = replay([of_series(FIRST)], changed.upstream).files[PATH]
    assert hashlib.sha256(ours).hexdigest() == digest
    near = frame(of_series(FIRST, exact=False), of_series(SECOND, exact=False))
    proof = prove(PatchedSource(), PATH, ours, theirs, near)
    assert proof is not None
    assert cause_of(proof) == (
        f"patched by {FIRST} (debian/patches; the package's own source is not available,"
        " this is the closest version served)"
    )
    assert proof.details["exact"] is False


def test_a_small_patch() -> None:
    assert ask(CHANGED, patch(DIFF)) is not None
    assert ask(CHANGED) is None
    assert ask(CHANGED, patch(DIFF.replace(b"src/x.go", b"src/y.go"))) is None
    assert ask(BASE + b"\n", patch(DIFF)) is None


def test_offsets_are_found_but_fuzz_is_not() -> None:
    assert ask(b"zero\n" + CHANGED, patch(DIFF), upstream=b"zero\n" + BASE) is not None
    other = BASE.replace(b"three", b"3")
    assert ask(other.replace(b"two", b"TWO"), patch(DIFF), upstream=other) is None


def test_an_applied_patch_is_not_reversed() -> None:
    assert ask(BASE, patch(DIFF), upstream=CHANGED) is None


def test_a_last_line_without_a_newline() -> None:
    mark = b"\\ No newline at end of file\n"
    data = b"--- a/src/x.go\n+++ b/src/x.go\n@@ -1 +1 @@\n-a\n" + mark + b"+b\n" + mark
    assert ask(b"b", patch(data), upstream=b"a") is not None
    assert ask(b"b\n", patch(data), upstream=b"a") is None


def test_a_carriage_return_within_a_line() -> None:
    data = b"--- a/src/x.go\n+++ b/src/x.go\n@@ -1 +1 @@\n-a\rb\n+a\rc\n"
    assert ask(b"a\rc\n", patch(data), upstream=b"a\rb\n") is not None


def test_a_file_that_a_patch_adds() -> None:
    data = b"--- /dev/null\n+++ b/src/new.go\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    right, wrong = b"one\ntwo\n", b"one\ntwo\n\n"
    for content, expected in ((right, True), (wrong, False)):
        seen = context({"src/new.go": content}, {}, policy(), Inputs(patches=(patch(data),)))
        proof = prove_added(Blob("src/new.go", seen.distro), seen)
        assert (proof is not None) is expected
    seen = context(
        {"src/new.go": right, "src/x.go": right}, {}, policy(), frame(patch(DIFF)).inputs
    )
    assert prove_added(Blob("src/new.go", seen.distro), seen) is None
    assert prove_added(Blob("src/x.go", seen.distro), seen) is None


def test_a_file_that_a_patch_renames() -> None:
    data = (
        b"diff --git a/src/x.go b/src/z.go\nsimilarity index 60%\n"
        b"rename from src/x.go\nrename to src/z.go\n"
    ) + DIFF.replace(b"b/src/x.go", b"b/src/z.go")
    seen = context(
        {"src/z.go": CHANGED}, {"src/x.go": BASE}, policy(), Inputs(patches=(patch(data),))
    )
    proof = prove_added(Blob("src/z.go", seen.distro), seen)
    assert proof is not None
    assert cause_of(proof).startswith("added by fix.patch")
    lacking = context({"src/z.go": CHANGED}, {}, policy(), seen.inputs)
    assert prove_added(Blob("src/z.go", lacking.distro), lacking) is None


def test_a_file_that_a_patch_removes() -> None:
    data = b"--- a/src/x.go\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n"
    seen = context({}, {"src/x.go": BASE}, policy(), Inputs(patches=(patch(data),)))
    proof = prove_removed("src/x.go", Blob("src/x.go", seen.upstream), seen)
    assert proof is not None
    assert cause_of(proof) == "removed by fix.patch (debian/patches)"
    kept = context({}, {"src/x.go": BASE}, policy(), Inputs(patches=(patch(DIFF),)))
    assert prove_removed("src/x.go", Blob("src/x.go", kept.upstream), kept) is None
    longer = context({}, {"src/x.go": BASE + b"four\n"}, policy(), seen.inputs)
    assert prove_removed("src/x.go", Blob("src/x.go", longer.upstream), longer) is None


@pytest.mark.parametrize(
    "name",
    ["/{mark}", "a/../../../../{mark}", "a/src/../../../{mark}", "a//{mark}"],
    ids=["absolute", "above", "above inside", "double slash"],
)
def test_names_in_a_patch_open_nothing(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "victim"
    target = name.replace("{mark}", str(mark).lstrip("/")).encode()
    data = b"--- /dev/null\n+++ " + target + b"\n@@ -0,0 +1 @@\n+owned\n"
    ask(CHANGED, patch(data), patch(DIFF))
    assert not mark.exists()
    path = data.split(b"+++ ")[1].split(b"\n")[0].partition(b"/")[2].decode()
    seen = context({path: b"owned\n"}, {}, policy(), Inputs(patches=(patch(data),)))
    prove_added(Blob(path, seen.distro), seen)
    assert not mark.exists()


def test_an_ed_script_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "victim"
    script = f"--- a/src/x.go\n+++ b/src/x.go\n1c\n!touch {mark}\n.\nw\nq\n".encode()
    assert ask(CHANGED, patch(script)) is None
    assert not mark.exists()


def test_without_a_sandbox_a_patch_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: False)
    proof = ask(CHANGED, patch(DIFF))
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert cause_of(proof).startswith(
        "may be patched by fix.patch, which was not applied: no sandbox"
    )
    assert ask(CHANGED, patch(DIFF.replace(b"x.go", b"y.go"))) is None


UNDO = DIFF.replace(b"-two", b"?").replace(b"+TWO", b"-TWO").replace(b"?", b"+two")


@pytest.mark.parametrize(
    "behind",
    [
        UNDO,
        b"".join(b"  " + line for line in UNDO.splitlines(keepends=True)),
        b"".join(b"\t" + line for line in UNDO.splitlines(keepends=True)),
        b"Index: x\n" + UNDO,
        UNDO.replace(b"a/src/x.go", b"c/src/x.go").replace(b"b/src/x.go", b"c/src/x.go"),
        b"text\n" + UNDO.replace(b"@@ -1,3 +1,3 @@", b"@@ -1,3 +1,3 @@ func"),
    ],
    ids=["plain", "indented", "tabbed", "indexed", "another prefix", "a heading"],
)
def test_what_the_tool_takes_back_is_not_patched(behind: bytes) -> None:
    """The tool decides which sections count: the file comes out as upstream's, or not at all."""
    assert ask(CHANGED, patch(DIFF + behind)) is None or _unproven(patch(DIFF + behind))


def _unproven(broken: Patch) -> bool:
    proof = ask(CHANGED, broken)
    return proof is not None and proof.standing is Standing.UNPROVEN


@pytest.mark.parametrize(
    "data",
    [
        DIFF[:-8],
        DIFF.replace(b"-1,3", b"-1,9"),
        DIFF.replace(b" one", b"?one"),
        DIFF.replace(b"a/src/x.go", b'"a/src\\303\\244.go"'),
    ],
    ids=["cut off", "too few", "unknown mark", "quoted"],
)
def test_what_the_tool_refuses_proves_nothing(data: bytes) -> None:
    proof = ask(CHANGED, patch(data))
    assert proof is None or proof.standing is Standing.UNPROVEN
