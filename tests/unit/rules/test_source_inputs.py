from __future__ import annotations

import pytest

from samego.model.release import Target
from samego.rules import source_inputs
from samego.rules.source_inputs import (
    SETTINGS_FILE,
    compiled_otherwise,
    compiler_settings,
    declared_settings,
    differing_settings,
    differing_sources,
    embedded_data,
    has_sources,
    is_named_for,
)
from support.archives import memory_tree
from support.rule_context import context, policy

GO = b"package main\n"


def differing(path: str, before: bytes = GO, after: bytes = GO + b"// changed\n") -> list[str]:
    """The sources that differ where this file does, and nothing else."""
    plain = {"src/fmt/print.go": GO}
    where = context({**plain, path: after}, {**plain, path: before}, policy())
    return [each for paths in differing_sources(where).values() for each in paths]


@pytest.mark.parametrize(
    "path",
    [
        "src/cmd/go/main.go",
        "src/runtime/asm_amd64.s",
        "src/runtime/sys_linux_amd64.s",
        "src/runtime/cgo/gcc.c",
        "src/runtime/textflag.h",
        "src/cmd/compile/default.pgo",
        "src/os/file_linux.go",
        "src/os/file_unix.go",
        "src/os/linux.go",
        "src/os/amd64.go",
    ],
)
def test_what_is_compiled_for_the_target_differs(path: str) -> None:
    assert differing(path) == [path]


@pytest.mark.parametrize(
    "path",
    [
        "src/cmd/go/main_test.go",
        "src/cmd/go/testdata/main.go",
        "src/cmd/go/_main.go",
        "src/cmd/go/.main.go",
        "src/_cmd/main.go",
        "src/.cmd/main.go",
        "src/os/file_windows.go",
        "src/os/file_linux_arm64.go",
        "src/os/file_darwin_amd64.go",
        "src/os/file_arm64.go",
        "src/cmd/go/README",
        "test/main.go",
    ],
)
def test_what_is_not_compiled_for_the_target_does_not_count(path: str) -> None:
    assert differing(path) == []


def test_what_only_a_constraint_on_both_sides_leaves_out_does_not_count() -> None:
    never, always = b"//go:build ignore\n\n", b"//go:build linux\n\n"
    assert differing("src/os/x.go", never + GO, never + GO + b"//\n") == []
    assert differing("src/os/x.go", never + GO, always + GO) == ["src/os/x.go"]
    assert differing("src/os/x.go", always + GO, never + GO) == ["src/os/x.go"]


def test_a_source_too_large_to_be_read_for_its_constraint_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = b"//go:build ignore\n\n" + GO
    monkeypatch.setattr(source_inputs, "_MAX_CONSTRAINED", len(never) + 1)
    assert differing("src/os/x.go", never, never + b"\n") == []
    assert differing("src/os/x.go", never, never + b"\n\n") == ["src/os/x.go"]


def test_the_limit_is_above_every_source_of_a_release() -> None:
    """The largest of go1.27.3 has 3,949,360 bytes (cmd/compile/internal/ssa/opGen.go)."""
    assert source_inputs._MAX_CONSTRAINED > 3_949_360


def test_a_source_that_one_side_has_differs_where_there_are_sources() -> None:
    upstream = {"src/a/a.go": GO, "src/a/b.go": GO}
    assert differing_sources(context({"src/a/a.go": GO}, upstream, policy())) == {
        "a": ["src/a/b.go"]
    }
    assert differing_sources(context({"bin/go": b""}, upstream, policy())) == {}
    generated = {SETTINGS_FILE: b"package buildcfg\n"}
    assert not has_sources(memory_tree(generated))
    assert differing_sources(context(generated, upstream, policy())) == {
        "internal/buildcfg": [SETTINGS_FILE]
    }


# -- what sources embed

EMBEDS = b"package page\n\n//go:embed static\nvar files embed.FS\n"


@pytest.mark.parametrize(
    ("path", "source", "counts"),
    [
        ("src/page/static/a.html", EMBEDS, True),
        ("src/page/a.html", EMBEDS, True),
        ("src/page/static/deep/er/a.html", EMBEDS, True),
        ("src/other/a.html", EMBEDS, False),
        ("src/page/testdata/a.html", EMBEDS, False),
        ("src/page/static/a.html", GO, False),
        ("lib/page/a.html", EMBEDS, False),
    ],
)
def test_data_counts_below_a_source_that_embeds(path: str, source: bytes, *, counts: bool) -> None:
    before = {"src/page/page.go": source, path: b"<p>"}
    assert embedded_data(context({**before, path: b"<b>"}, before, policy())) == (
        (path,) if counts else ()
    )


def test_an_embedding_source_of_either_side_is_enough() -> None:
    data = "src/page/a.html"
    plain, embedding = {"src/page/page.go": GO}, {"src/page/page.go": EMBEDS}
    for ours, theirs in ((plain, embedding), (embedding, plain)):
        where = context({**ours, data: b"<b>"}, {**theirs, data: b"<p>"}, policy())
        assert embedded_data(where) == (data,)


def test_without_sources_nothing_is_said_to_be_embedded() -> None:
    before = {"src/page/page.go": EMBEDS, "src/page/a.html": b"<p>"}
    assert embedded_data(context({"src/page/a.html": b"<b>"}, before, policy())) == ()


# -- the settings that are compiled in


def stating(**settings: str) -> dict[str, bytes]:
    lines = "".join(f"const Default{name} = `{value}`\n" for name, value in settings.items())
    return {SETTINGS_FILE: lines.encode()}


@pytest.mark.parametrize(
    ("ours", "theirs", "otherwise"),
    [
        ({"GOAMD64": "v3"}, {"GOAMD64": "v1"}, True),
        ({"GOAMD64": "v1"}, {"GOAMD64": "v1"}, False),
        ({"GO386": "softfloat"}, {"GO386": "sse2"}, False),
        ({"GOEXPERIMENT": "nodwarf5"}, {"GOEXPERIMENT": ""}, True),
        ({"GOEXPERIMENT": ""}, {}, False),
        ({"GOAMD64": "v3"}, {}, True),
        ({}, {"GOAMD64": "v3"}, True),
    ],
)
def test_settings_of_the_target_have_all_compiled_otherwise(
    ours: dict[str, str], theirs: dict[str, str], *, otherwise: bool
) -> None:
    where = context(stating(**ours), stating(**theirs), policy())
    assert compiled_otherwise(where) is otherwise


def test_a_zbootstrap_that_one_side_lacks() -> None:
    stated = stating(GOAMD64="v3")
    assert not compiled_otherwise(context({}, stated, policy()))
    assert compiled_otherwise(context(stated, {}, policy()))
    assert differing_settings(context(stated, {}, policy())) == {"GOAMD64": "v3"}
    assert differing_settings(context({}, stated, policy())) == {}


def test_settings_that_differ_have_the_distros_values() -> None:
    ours, theirs = stating(GO386="softfloat", GOARM="7"), stating(GO386="sse2", GOARM="7")
    assert differing_settings(context(ours, theirs, policy())) == {"GO386": "softfloat"}
    assert differing_settings(context(ours, ours, policy())) == {}


def test_each_setting_is_of_its_machines() -> None:
    settings = {"GOMIPS": "softfloat", "GOMIPS64": "hardfloat", "GOARM": "5", "PKG_CONFIG": "pc"}
    for target, names in (
        ("linux-mips", {"GOMIPS"}),
        ("linux-mipsle", {"GOMIPS"}),
        ("linux-mips64le", {"GOMIPS64"}),
        ("linux-arm", {"GOARM"}),
        ("linux-amd64", set()),
    ):
        assert compiler_settings(settings, Target.parse(target)).keys() == names


def test_a_settings_file_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    files = stating(GO386="sse2")
    monkeypatch.setattr(source_inputs, "_MAX_SETTINGS", len(files[SETTINGS_FILE]))
    assert declared_settings(memory_tree(files)) == {"GO386": "sse2"}
    monkeypatch.setattr(source_inputs, "_MAX_SETTINGS", len(files[SETTINGS_FILE]) - 1)
    assert declared_settings(memory_tree(files)) == {}
    assert declared_settings(memory_tree({}, links={SETTINGS_FILE: "x"})) == {}


@pytest.mark.parametrize(
    ("name", "target", "compiled"),
    [
        ("exec_foo_linux.go", "windows-amd64", False),
        ("exec_foo_linux.go", "linux-amd64", True),
        ("exec_linux_foo.go", "windows-amd64", True),
        ("exec_linux_arm64.go", "linux-amd64", False),
        ("exec_linux_arm64.go", "linux-arm64", True),
        ("exec_linux_arm64.go", "windows-arm64", False),
        ("exec_linux.go", "android-arm64", True),
    ],
)
def test_the_last_words_of_a_name_are_its_system_and_architecture(
    name: str, target: str, *, compiled: bool
) -> None:
    """go/build, goodOSArchFile: a system's name in another place means nothing."""
    assert is_named_for(f"src/os/{name}", Target.parse(target)) is compiled
