"""What a difference reaches, by the imports of a small tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from samego.compare.own_patches import patched_and_running
from samego.compare.reach import with_reach
from samego.model.finding import Finding, Side, proven, unexplained
from samego.model.proof import Proof, Standing
from samego.model.reach import NOTHING, UNKNOWN, Reach, Reached
from samego.model.value import Told
from support.archives import memory_tree
from support.contexts import context

TOOLS = "pkg/tool/linux_amd64"
UNACCOUNTED = Told("nothing accounts for it")
TREE = {
    "VERSION": b"go1.24.4\n",
    "bin/go": b"",
    f"{TOOLS}/compile": b"",
    "src/runtime/proc.go": b'package runtime\nimport "internal/cpu"\n',
    "src/runtime/proc_windows.go": b"package runtime\n",
    "src/runtime/asm_amd64.s": b"",
    "src/runtime/race/race.go": b'package race\nimport _ "runtime/race/internal/amd64v1"\n',
    "src/runtime/race/internal/amd64v1/doc.go": b"package amd64v1\n",
    "src/runtime/race/internal/amd64v1/race_linux.syso": b"\x7fELF",
    "src/internal/cpu/cpu.go": b"package cpu\n",
    "src/internal/testenv/testenv.go": b'package testenv\nimport "testing"\n',
    "src/testing/testing.go": b'package testing\nimport "runtime"\n',
    "src/testing/testing_test.go": b'package testing\nimport "internal/testenv"\n',
    "src/crypto/tls/conn.go": b'package tls\nimport "internal/wire"\n',
    "src/crypto/tls/testdata/cert": b"x",
    "src/crypto/tls/_asm/gen.go": b"package main\n",
    "src/internal/wire/wire.go": b"package wire\n",
    "src/internal/wire/gen.go": b"//go:build ignore\n\npackage main\n",
    "src/internal/wire/wire.html": b"x",
    "src/internal/tables/tables.go": b"package tables\n\n//go:embed data/*.txt\nvar x string\n",
    "src/internal/tables/data/a.txt": b"x",
    "src/internal/tables/data/a.bin": b"x",
    "src/internal/only/only.go": b"package only\n",
    "src/internal/loose/loose.h": b"",
    "src/internal/cgotest/cgo_test.go": b"package cgotest\n",
    "src/internal/cgotest/cgo.c": b"",
    "src/vendor/golang.org/x/text/text.go": b"package text\n",
    "src/net/url/url.go": b'package url\nimport "golang.org/x/text"\n',
    "src/cmd/go/main.go": b'package main\nimport ("crypto/tls"; "cmd/internal/work"; "x/mod")\n',
    "src/cmd/go/main_windows.go": b'package main\nimport "cmd/internal/windows"\n',
    "src/cmd/internal/windows/w.go": b"package windows\n",
    "src/cmd/internal/work/work.go": b"package work\n",
    "src/cmd/internal/unused/unused.go": b"package unused\n",
    "src/cmd/vendor/x/mod/mod.go": b'package mod\nimport "internal/only"\n',
    "src/cmd/compile/main.go": b'package main\nimport "internal/tables"\n',
    "src/cmd/compile/default.pgo": b"x",
    "src/cmd/compile/README.md": b"x",
    "src/cmd/distpack/pack.go": b'package main\n\n\t\t"api/**",\n\t\t"misc/**",\n\t\t"test/**",\n',
    "src/make.bash": b"",
    "src/go.mod": b"",
    "src/cmd/go.mod": b"",
    "lib/time/zoneinfo.zip": b"",
}  # fmt: skip
GO, COMPILE = "bin/go", f"{TOOLS}/compile"


def reach(
    path: str,
    distro: Mapping[str, bytes | None] | None = None,
    upstream: Mapping[str, bytes] | None = None,
) -> Reach:
    """What a path reaches where the distro has other files; None for one that it lacks."""
    theirs = {**TREE, **(upstream or {})}
    more = {path: theirs[path] + b"\n// more\n"} if path in theirs else {path: b""}
    merged = {**theirs, **(more if distro is None else distro)}
    mine = {name: data for name, data in merged.items() if data is not None}
    given = unexplained(path, Side.BOTH, "text", UNACCOUNTED)
    (found,) = with_reach([given], context(mine, theirs), None, "")
    assert found == replace(given, reach=found.reach)
    assert found.reach is not None
    return found.reach


def programs(*packages: str, into: Sequence[str] = (), every: bool = False) -> Reach:
    return Reach(Reached.PROGRAMS, packages, tuple(into), every)


def toolchain(*executables: str) -> Reach:
    return Reach(Reached.TOOLCHAIN, executables=executables)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/testing/testing_test.go", NOTHING),
        ("src/crypto/tls/testdata/cert", NOTHING),
        ("src/crypto/tls/_asm/gen.go", NOTHING),
        ("src/internal/wire/gen.go", NOTHING),
        ("src/internal/wire/wire.html", NOTHING),
        # Only tests import it, and its name does not say so.
        ("src/internal/testenv/testenv.go", NOTHING),
        ("src/internal/cgotest/cgo.c", NOTHING),
        ("src/cmd/internal/unused/unused.go", NOTHING),
        ("src/cmd/compile/README.md", NOTHING),
        ("src/make.bash", NOTHING),
        ("LICENSE", NOTHING),
        ("test", NOTHING),
        ("test/fixedbugs/bug1.go", NOTHING),
        ("misc/chrome/x.png", NOTHING),
        ("/usr/share/doc/golang-1.24-go/copyright", NOTHING),
        ("VERSION", Reach(Reached.SETTINGS)),
        ("go.env", Reach(Reached.SETTINGS)),
        ("src/cmd/go/main.go", toolchain(GO)),
        ("src/cmd/internal/work/work.go", toolchain(GO)),
        ("src/cmd/vendor/x/mod/mod.go", toolchain(GO)),
        # An internal package that no package of users' imports.
        ("src/internal/only/only.go", toolchain(GO)),
        ("src/internal/tables/data/a.txt", toolchain(COMPILE)),
        ("src/internal/tables/data/a.bin", NOTHING),
        ("src/cmd/compile/default.pgo", toolchain(COMPILE)),
        ("src/cmd/go.mod", toolchain(GO, COMPILE)),
        # Of another system: in no executable of this package.
        ("src/cmd/go/main_windows.go", toolchain()),
        ("src/cmd/internal/windows/w.go", toolchain()),
        (f"{TOOLS}/compile", toolchain(COMPILE)),
        ("src/crypto/tls/conn.go", programs("crypto/tls", into=[GO])),
        ("src/internal/wire/wire.go", programs("crypto/tls", into=[GO])),
        ("src/runtime/proc.go", programs("runtime", into=[GO, COMPILE], every=True)),
        ("src/runtime/asm_amd64.s", programs("runtime", into=[GO, COMPILE], every=True)),
        ("src/runtime/proc_windows.go", programs("runtime", every=True)),
        ("src/internal/cpu/cpu.go", programs("runtime", into=[GO, COMPILE], every=True)),
        ("src/runtime/race/internal/amd64v1/race_linux.syso", programs("runtime/race")),
        ("src/vendor/golang.org/x/text/text.go", programs("net/url")),
        ("lib/time/zoneinfo.zip", programs("time")),
        ("lib/fips140/v1.0.0.zip", programs("crypto")),
        # What cannot be found out is called programs.
        ("src/internal/loose/loose.h", UNKNOWN),
        ("src/go.mod", UNKNOWN),
        ("pkg/include/textflag.h", UNKNOWN),
        ("doc/go_spec.html", UNKNOWN),  # this release's distpack does not leave it out
        ("misc/wasm/wasm_exec.js", UNKNOWN),
        ("lib/wasm/wasm_exec.js", UNKNOWN),
        ("src", UNKNOWN),
        ("/usr/bin/go", UNKNOWN),
        ("strange/file", UNKNOWN),
    ],
)
def test_reach_follows_imports(path: str, expected: Reach) -> None:
    assert reach(path) == expected


def test_a_link_in_place_of_a_directory_leads_anywhere() -> None:
    files = context(TREE, TREE)
    tree = memory_tree(TREE, links={"src/net": "/elsewhere"})
    given = unexplained("src/net", Side.DISTRO, "link", UNACCOUNTED)
    (found,) = with_reach([given], replace(files, distro=tree), None, "")
    assert found.reach == UNKNOWN


def test_what_only_the_distro_has_reaches_those_who_may_import_it() -> None:
    path = "src/extra/extra.go"
    assert reach(path, {path: b"package extra\n"}) == programs("extra")
    hidden = "src/internal/extra/extra.go"
    assert reach(hidden, {hidden: b"package extra\n"}) == NOTHING
    more = b'package tls\nimport "internal/extra"\n'
    used = {hidden: b"package extra\n", "src/crypto/tls/more.go": more}
    assert reach(hidden, used) == programs("crypto/tls", into=[GO])


def test_an_edge_or_an_embed_that_the_distro_adds_counts() -> None:
    path = "src/internal/testenv/testenv.go"
    changed = {
        path: b"package testenv\n//\n",
        "src/runtime/proc.go": TREE["src/runtime/proc.go"] + b'import "internal/testenv"\n',
    }
    assert reach(path, changed) == programs("runtime", into=[GO, COMPILE], every=True)
    data = "src/crypto/tls/testdata/cert"
    embeds = {
        data: b"y",
        "src/crypto/tls/more.go": b"package tls\n//go:embed testdata\nvar x int\n",
    }
    assert reach(data, embeds) == programs("crypto/tls", into=[GO])


def test_a_directory_that_the_go_command_passes_over_counts_where_it_is_imported() -> None:
    path = "src/crypto/tls/testdata/evil/evil.go"
    evil = {path: b"package evil\n"}
    assert reach(path, evil) == NOTHING
    imports = b'package tls\nimport "crypto/tls/testdata/evil"\n'
    assert reach(path, {**evil, "src/crypto/tls/more.go": imports}) == UNKNOWN


@pytest.mark.parametrize("side", ["distro", "upstream"])
def test_a_source_that_cannot_be_read_leaves_nothing_to_conclude(side: str) -> None:
    odd = {"src/internal/odd/odd.go": b'package odd\nimport "\\x66mt"\n'}
    path = "src/internal/testenv/testenv.go"
    changed: dict[str, Any] = {path: b"package testenv\n//\n"}
    if side == "distro":
        assert reach(path, {**changed, **odd}) == UNKNOWN
    else:
        assert reach(path, changed, odd) == UNKNOWN
    # What needs no import graph is still known.
    test = "src/testing/testing_test.go"
    assert reach(test, {test: b"package testing\n", **odd}) == NOTHING


def test_the_constraint_of_either_side_counts() -> None:
    path = "src/internal/wire/gen.go"
    assert reach(path, {path: b"package wire\n"}) == programs("crypto/tls", into=[GO])
    assert reach(path, {path: None}) == NOTHING


class Kept(dict[str, list[Any]]):
    """What is remembered between runs."""

    def load(self, sha256: str) -> list[Any] | None:
        return self.get(sha256)

    def store(self, sha256: str, rows: Iterable[Sequence[Any]]) -> None:
        self[sha256] = [list(row) for row in rows]


def test_upstreams_part_of_the_graph_is_read_once() -> None:
    kept = Kept()
    given = unexplained("src/crypto/tls/conn.go", Side.BOTH, "text", UNACCOUNTED)
    changed = {**TREE, given.path: TREE[given.path] + b"//\n"}
    first = with_reach([given], context(changed, TREE), kept, "00")
    assert len(kept) == 1
    lost = {path: b"package p\n" if path.endswith(".go") else data for path, data in TREE.items()}
    other = context({**lost, given.path: changed[given.path]}, lost)
    assert with_reach([given], other, kept, "00") == first
    with_reach([given], context(changed, TREE), kept, "01")
    with_reach([given], context(changed, TREE, target="linux-arm64"), kept, "00")
    assert len(kept) == 3


def test_a_report_without_source_differences_reads_no_graph() -> None:
    kept = Kept()
    given = unexplained("go.env", Side.BOTH, "text", UNACCOUNTED)
    with_reach([given], context(TREE, TREE), kept, "00")
    assert not kept


def patched(path: str, found: Reach | None) -> Finding:
    proof = Proof("patched_source", Standing.EXPLAINED, (Told("patched by a.patch"),))
    return replace(proven(path, Side.BOTH, "text", proof), reach=found)


def test_a_patch_runs_where_it_reaches_something() -> None:
    findings = [
        patched("src/a_test.go", NOTHING),
        patched("src/syscall/mksyscall.pl", NOTHING),
        patched("src/fmt/print.go", programs("fmt")),
        patched("go.env", Reach(Reached.SETTINGS)),
        # An earlier report does not say: then its name does.
        patched("src/b_test.go", None),
        patched("src/b.go", None),
    ]
    assert patched_and_running(findings) == ("go.env", "src/b.go", "src/fmt/print.go")
    elf = replace(unexplained("bin/go", Side.BOTH, "elf", UNACCOUNTED), rests_on=("src/a_test.go",))
    assert "src/a_test.go" in patched_and_running([*findings, elf])
