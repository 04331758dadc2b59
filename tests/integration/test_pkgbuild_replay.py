"""PKGBUILDs run by the real makepkg in the sandbox: what it does counts, not how it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from samego.model.inputs import Context, DeclaredSource, Patch
from samego.model.proof import Proof
from samego.rules.interface import Blob
from samego.rules.patched_source import PatchedSource
from samego.rules.replayed_source import replay_source
from samego_arch.recipe.declared_inputs import Recipe, declare
from samego_arch.recipe.replay import ReplayedBuild, ReplayError, record, replay
from samego_arch.version import ArchVersion
from support.archives import memory_tree
from support.contexts import context as bare_context

SOURCE: Mapping[str, bytes] = {
    "VERSION": b"go1.24.9\n",
    "src/all.bash": b". ./make.bash\n",
    "src/make.bash": b"exit 1\n",
    "src/net/smtp/auth.go": b"package smtp\n\nfunc a() int { return 1 }\n",
}
PATH = "src/net/smtp/auth.go"
PATCHED = SOURCE[PATH].replace(b"return 1", b"return 2")
PATCH = (
    b"--- a/src/net/smtp/auth.go\n+++ b/src/net/smtp/auth.go\n@@ -1,3 +1,3 @@\n"
    b" package smtp\n \n-func a() int { return 1 }\n+func a() int { return 2 }\n"
)
#: A second section, indented: patch(1) takes it, and the first is undone.
UNDONE = PATCH + b"".join(
    b"  " + line + b"\n"
    for line in PATCH.replace(b"-func", b"?")
    .replace(b"+func", b"-func")
    .replace(b"?", b"+func")
    .splitlines()
)
CALL = "cd go/src; ./make.bash -v"
long = pytest.mark.long


def order(prepare: str, build: str = CALL, patch: bytes = PATCH) -> ReplayedBuild:
    """A recipe with these two functions."""
    text = (
        "pkgname=go\nepoch=2\npkgver=1.24.9\npkgrel=1\narch=(x86_64)\n"
        'source=("https://go.dev/dl/go$pkgver.src.tar.gz"{,.asc} fix.patch)\n'
        f"sha256sums=(SKIP SKIP {hashlib.sha256(patch).hexdigest()})\n"
        f"prepare() {{\n{prepare}\n}}\nbuild() {{\n{build}\n}}\npackage() {{ :; }}\n"
    )
    return ReplayedBuild(
        text.encode(),
        {"fix.patch": patch},
        "go1.24.9.src.tar.gz",
        "x86_64",
        ("go1.24.9.src.tar.gz.asc",),
        ("!strip", "staticlibs"),
        ("!distcc", "check", "sign"),
    )


def settings_of(build: str) -> dict[str, str]:
    """The GO variables that make.bash is given."""
    seen = record(order(":", build), "go1.24.9").environment
    return {name: value for name, value in seen.items() if name.startswith("GO")}


def proof_of(build: ReplayedBuild, distro: bytes | None) -> Proof | None:
    """What the rule says of the patched file of a package that was built by this recipe."""
    recipe = Recipe(
        "PKGBUILD of 2:1.24.9-1",
        Path(),
        {},
        (Patch("fix.patch", build.sources["fix.patch"], "PKGBUILD", exact=True),),
        (),
        DeclaredSource("PKGBUILD"),
    )
    recipe = declare(recipe, build, ArchVersion("2:1.24.9-1"))
    mine = {path: data for path, data in SOURCE.items() if path != PATH}
    if distro is not None:
        mine[PATH] = distro
    context: Context = replace(
        bare_context(mine, SOURCE, release="go1.24.9"), inputs=recipe.inputs(None, {})
    )
    context, _notes = replay_source(context)
    if distro is None:
        return None
    return PatchedSource().prove(Blob(PATH, context.distro), Blob(PATH, context.upstream), context)


@pytest.mark.parametrize(
    "build",
    [
        f"export GOEXPERIMENT=nodwarf5; {CALL}",
        "cd go/src; GOEXPERIMENT=nodwarf5 ./make.bash",
        f"declare -gx GOEXPERIMENT=no''dwarf$((2+3)); {CALL}",
        "cd go/src; env GOEXPERIMENT=nodwarf5 bash ./all.bash",
        # bash itself runs them: what else it can write is left to the long run.
        *(
            pytest.param(each, marks=long)
            for each in (
                f"for v in GOEXPERIMENT; do export $v=nodwarf5; done; {CALL}",
                f"export GOEXPERIMENT=x; a() {{ export GOEXPERIMENT=nodwarf5; }}; a; {CALL}",
                f"if [[ $CARCH == x86_64 ]]; then export GOEXPERIMENT=nodwarf5; fi; {CALL}",
                "cd go/src; (export GOEXPERIMENT=nodwarf5; bash -e make.bash)",
            )
        ),
    ],
)
def test_a_setting_counts_however_it_is_written(build: str) -> None:
    assert settings_of(build) == {"GOEXPERIMENT": "nodwarf5"}


@pytest.mark.parametrize(
    "build",
    [
        f": export GOEXPERIMENT=nodwarf5; {CALL}",
        f"GOEXPERIMENT=nodwarf5; {CALL}",
        f"export GOEXPERIMENT=nodwarf5; unset GOEXPERIMENT; {CALL}",
        pytest.param(f"cat <<X\nexport GOEXPERIMENT=nodwarf5\nX\n{CALL}", marks=long),
        f"(export GOEXPERIMENT=nodwarf5); {CALL}",
        f"false && export GOEXPERIMENT=nodwarf5; {CALL}",
        f"{CALL}; export GOEXPERIMENT=nodwarf5; ./make.bash",
    ],
)
def test_a_setting_that_bash_does_not_set_is_none(build: str) -> None:
    assert settings_of(build) == {}


def test_what_prepare_patches_is_explained() -> None:
    proof = proof_of(order("cd go; patch -p1 -i ../fix.patch"), PATCHED)
    assert proof is not None
    assert proof.standing.value == "explained"
    assert proof.details["patches"] == ("fix.patch",)
    assert proof.tools[0].name == "makepkg"


def test_one_byte_beside_it_is_not() -> None:
    build = order("cd go; patch -p1 -i ../fix.patch")
    assert proof_of(build, PATCHED.replace(b"2", b"3")) is None


@pytest.mark.parametrize(
    ("prepare", "patch"),
    [
        ("cd go; false && patch -p1 -i ../fix.patch || :", PATCH),
        ("return 0; cd go; patch -p1 -i ../fix.patch", PATCH),
        # Other ways of bash to run nothing: seconds each, and the same replay.
        pytest.param("cd go; patch() { :; }; patch -p1 -i ../fix.patch", PATCH, marks=long),
        pytest.param("cd go; # patch -p1 -i ../fix.patch", PATCH, marks=long),
        pytest.param("cd go; : <<X\npatch -p1 -i ../fix.patch\nX", PATCH, marks=long),
        ("cd go; patch --dry-run -p1 -i ../fix.patch", PATCH),
        ("cd go; patch -p1 -i ../fix.patch; patch -R -p1 -i ../fix.patch", PATCH),
        ("cd go; patch -p1 -i ../fix.patch", UNDONE),
    ],
)
def test_a_patch_that_does_nothing_in_the_end_explains_nothing(prepare: str, patch: bytes) -> None:
    assert proof_of(order(prepare, patch=patch), PATCHED) is None


@pytest.mark.parametrize(
    ("prepare", "seconds"),
    [
        # The endless ones are ended sooner: they have nothing else to show.
        ("rm -rf /build/* /usr / 2>/dev/null; false", 8),
        ("while :; do head -c 64M /dev/zero >>big; done", 8),
        ("while :; do :; done & while :; do :; done", 4),
        ("b() { b | b & }; b; sleep 1000", 4),
        ("exec 3<>/dev/tcp/127.0.0.1/22", 8),
        ("rm -rf go; ln -s /usr go", 8),
        ("mkfifo go/src/pipe; rm -rf go/src; ln -s /etc go/src", 8),
    ],
)
def test_a_hostile_recipe_hurts_nothing_and_is_refused(
    prepare: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samego_arch.recipe.replay import run  # noqa: PLC0415 - its limits are made small for this test

    monkeypatch.setattr(run, "LIMITS", replace(run.LIMITS, seconds=seconds, written=256 << 20))
    with pytest.raises(ReplayError) as caught:
        replay(order(prepare), memory_tree(SOURCE))
    assert caught.value.hint == "read the PKGBUILD"
    assert Path("/usr/bin/env").is_file()
