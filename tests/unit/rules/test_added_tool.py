from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules.added_tool import judge_added
from samego.rules.interface import Blob
from support.archives import memory_tree
from support.contexts import context
from support.elf_edit import set_bytes, set_content, set_segment
from support.elf_files import PAGE, Program, stripped_file

DIST = replace(Program(), path="cmd/dist")
PATH = "pkg/tool/linux_amd64/dist"
SOURCE = "src/internal/buildcfg/zbootstrap.go"


def judge(data: bytes, where: Context | None = None, built_from: str = "cmd/dist") -> Proof | None:
    blob = Blob(PATH, memory_tree({PATH: data}))
    return judge_added(blob, built_from, where or context({}, {}))


@pytest.mark.parametrize("link", ["", "dist.debug", None])
def test_a_tool_of_this_release_is_unproven(link: str | None) -> None:
    proof = judge(stripped_file(DIST, debug_link=link))
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert proof.rebuild
    assert proof.rests_on == ()


def test_it_rests_on_the_sources_that_differ() -> None:
    proof = judge(stripped_file(DIST), context({SOURCE: b"1"}, {SOURCE: b"2"}))
    assert proof is not None
    assert proof.rests_on == (SOURCE,)


def test_it_rests_on_settings_that_it_was_compiled_with_though_it_does_not_hold_them() -> None:
    alone = replace(DIST, functions=[("main.main", 16)])
    newer, usual = (b"const DefaultGOAMD64 = `%b`\n" % each for each in (b"v3", b"v1"))
    proof = judge(stripped_file(alone), context({SOURCE: newer}, {SOURCE: usual}))
    assert proof is not None
    assert proof.rests_on == (SOURCE,)
    for ours in (usual, usual + b"const DefaultGO386 = `softfloat`\n"):
        proof = judge(stripped_file(alone), context({SOURCE: ours}, {SOURCE: usual}))
        assert proof is not None
        assert proof.rests_on == ()


OTHERS: dict[str, Program] = {
    "another program": replace(DIST, path="cmd/distpack"),
    "another release": replace(DIST, release="go1.24.5"),
    "another system": replace(DIST, settings={"GOARCH": "amd64", "GOOS": "windows"}),
    "another processor": replace(DIST, settings={"GOARCH": "arm64", "GOOS": "linux"}),
    "no target": replace(DIST, settings={}),
    "a module": replace(DIST, settings={**DIST.settings, "X": "1\ndep\ta\tv1.0.0"}),
}


@pytest.mark.parametrize("program", OTHERS.values(), ids=OTHERS.keys())
def test_says_nothing_of_another_tool(program: Program) -> None:
    assert judge(stripped_file(program)) is None


ODD: dict[str, Callable[[bytes], bytes]] = {
    "hidden behind the end": lambda d: d + b"\0",
    "hidden in padding": lambda d: set_bytes(d, PAGE + 90, b"x"),
    "debug link of another": lambda d: set_content(d, ".gnu_debuglink", 0, b"f"),
    "an interpreter": lambda d: set_segment(d, 1, "type", 3),
    "no function table": lambda d: set_content(d, ".gopclntab", 0, b"x"),
    "a script": lambda _: b"#!/bin/sh\n",
}


@pytest.mark.parametrize("edit", ODD.values(), ids=ODD.keys())
def test_says_nothing_of_an_odd_file(edit: Callable[[bytes], bytes]) -> None:
    assert judge(edit(stripped_file(DIST))) is None
