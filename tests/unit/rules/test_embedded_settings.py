from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from samego.model.inputs import Context
from samego.model.policy import Policy, SettingsRule
from samego.model.proof import Proof, Standing
from samego.rules.embedded_settings import EmbeddedSettings, prove_embedded
from samego.rules.interface import Blob
from support.archives import memory_tree
from support.contexts import context
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.elf_files import PAGE, Program, stripped_file, upstream_file
from support.words import cause_of

SETTINGS = "src/internal/buildcfg/zbootstrap.go"
UPSTREAM = Program()
#: What another constant in internal/buildcfg does to an executable: data and addresses.
DISTRO = Program(rodata=b"sse2 of the constants")
Files = Mapping[str, bytes]
Edit = Callable[[bytes], bytes]


def settings(go386: str = "sse2", experiments: str = "") -> bytes:
    return (
        "package buildcfg\n\n"
        f"const DefaultGO386 = `{go386}`\n"
        f"const defaultGOEXPERIMENT = `{experiments}`\n"
        "const version = `go1.24.4`\n"
        "const defaultGOOS = runtime.GOOS\n"
        'const DefaultCGO_ENABLED = ""\n'
    ).encode()


def differing(
    distro: Files | None = None, upstream: Files | None = None, release: str = "go1.24.4"
) -> Context:
    ours = {SETTINGS: settings("softfloat")} if distro is None else distro
    theirs = {SETTINGS: settings()} if upstream is None else upstream
    return context(ours, theirs, release=release)


def prove(distro: bytes, where: Context, upstream: bytes | None = None) -> Proof | None:
    return prove_embedded(distro, upstream or upstream_file(UPSTREAM), "nm", where)


def test_names_the_setting() -> None:
    proof = prove(stripped_file(DISTRO), differing())
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert cause_of(proof) == (
        "embeds GO386=softfloat (internal/buildcfg), which the package was built with"
    )
    assert proof.rests_on == (SETTINGS,)
    assert proof.rebuild
    assert proof.details["built_from"] == "cmd/nm"


def test_reads_the_files_of_two_trees() -> None:
    ours = Blob("pkg/tool/nm", memory_tree({"pkg/tool/nm": stripped_file(DISTRO)}))
    theirs = Blob("pkg/tool/nm", memory_tree({"pkg/tool/nm": upstream_file(UPSTREAM)}))
    proof = EmbeddedSettings().prove(ours, theirs, differing())
    assert proof is not None
    assert proof.rule == EmbeddedSettings.name


def test_names_the_table_of_compilers_and_changed_sources() -> None:
    ours = {
        SETTINGS: settings("softfloat"),
        "src/cmd/nm/zdefaultcc.go": b"a",
        "src/cmd/nm/nm.go": b"a",
        "src/runtime/proc.go": b"a",
        "src/runtime/new_linux_amd64.go": b"a",
    }
    theirs = {path: b"b" for path in ours if "new_" not in path} | {SETTINGS: settings()}
    proof = prove(stripped_file(DISTRO), differing(ours, theirs))
    assert proof is not None
    assert cause_of(proof) == (
        "embeds the table of C compilers (cmd/nm) and GO386=softfloat (internal/buildcfg), "
        "which the package was built with; is compiled from changed sources (cmd/nm, runtime)"
    )
    assert proof.rests_on == tuple(sorted(ours))


def test_names_a_few_of_many_changed_packages() -> None:
    packages = ["a", "b", "c", "d", "e"]
    program = replace(UPSTREAM, functions=[(f"{name}.f", 16) for name in packages])
    ours = {f"src/{name}/x.go": b"1" for name in packages}
    theirs = dict.fromkeys(ours, b"2")
    proof = prove(
        stripped_file(program, debug_link=None), differing(ours, theirs), upstream_file(program)
    )
    assert proof is not None
    assert cause_of(proof) == "is compiled from changed sources (a, b, c and 2 more)"


def test_a_settings_file_that_differs_elsewhere_is_a_changed_source() -> None:
    proof = prove(stripped_file(DISTRO), differing({SETTINGS: settings() + b"// x\n"}))
    assert proof is not None
    assert cause_of(proof) == "is compiled from changed sources (internal/buildcfg)"


NOT_FED: dict[str, tuple[Files, Files]] = {
    "nothing differs": ({SETTINGS: settings()}, {SETTINGS: settings()}),
    "another package": ({"src/net/dial.go": b"1"}, {"src/net/dial.go": b"2"}),
    "a part of the path": ({"src/buildcfg/x.go": b"1"}, {}),
    "only a test": ({"src/runtime/x_test.go": b"1"}, {"src/runtime/x_test.go": b"2"}),
    "only another system": ({"src/runtime/os_windows.go": b"1"}, {}),
    "only another processor": ({"src/runtime/asm_arm64.s": b"1"}, {}),
    "another of both": ({"src/runtime/a_linux_arm64.go": b"1"}, {}),
    "not built": ({"src/runtime/_x.go": b"1", "src/runtime/.x.go": b"1"}, {}),
    "testdata": ({"src/runtime/testdata/x.go": b"1"}, {}),
    "hidden directory": ({"src/_runtime/x.go": b"1"}, {}),
    "no source": ({"src/runtime/README": b"1"}, {}),
    "outside src": ({"lib/runtime/x.go": b"1"}, {}),
}


@pytest.mark.parametrize(("ours", "theirs"), NOT_FED.values(), ids=NOT_FED.keys())
def test_says_nothing_where_no_source_feeds_it(ours: Files, theirs: Files) -> None:
    assert prove(stripped_file(DISTRO), differing(ours, theirs)) is None


def test_a_source_for_this_very_system_feeds_it() -> None:
    proof = prove(stripped_file(DISTRO), differing({"src/runtime/a_linux_amd64.s": b"1"}, {}))
    assert proof is not None
    assert proof.rests_on == ("src/runtime/a_linux_amd64.s",)


ODD: dict[str, Edit] = {
    "hidden behind the end": lambda d: d + b"x",
    "hidden in padding": lambda d: set_bytes(d, PAGE + 90, b"x"),
    "hidden in headers": lambda d: set_section(d, ".data", "info", 1),
    "debug link": lambda d: set_content(d, ".gnu_debuglink", 0, b"f"),
    "header flags": lambda d: set_header(d, "flags", 1),
    "writable code": lambda d: set_segment(d, 2, "flags", 7),
    "executable stack": lambda d: set_segment(d, 5, "flags", 7),
    "an interpreter": lambda d: set_segment(d, 1, "type", 3),
    "kind of file": lambda d: set_header(d, "type", 1),
    "executable data": lambda d: set_section(d, ".data", "flags", 7),
    "renamed section": lambda d: set_content(d, ".shstrtab", 1, b".x"),
    "no ELF file": lambda _: b"\x7fELF",
    "text": lambda _: b"text",
}


@pytest.mark.parametrize("edit", ODD.values(), ids=ODD.keys())
def test_says_nothing_of_an_odd_file(edit: Edit) -> None:
    assert prove(edit(stripped_file(DISTRO)), differing()) is None


OTHERS: dict[str, Program] = {
    "another release": replace(DISTRO, release="go1.24.5"),
    "another program": replace(DISTRO, path="cmd/objdump"),
    "another setting": replace(DISTRO, settings={**DISTRO.settings, "GOAMD64": "v3"}),
    "a missing setting": replace(DISTRO, settings={"GOOS": "linux"}),
    "a module": replace(DISTRO, settings={**DISTRO.settings, "X": "1\ndep\ta\tv1.0.0"}),
    "an experiment": replace(DISTRO, release="go1.24.4 X:nodwarf5"),
    "another width": replace(DISTRO, bits=32),
    "another byte order": replace(DISTRO, little=False),
}


@pytest.mark.parametrize("program", OTHERS.values(), ids=OTHERS.keys())
def test_says_nothing_of_another_build(program: Program) -> None:
    assert prove(stripped_file(program), differing()) is None


def test_says_nothing_when_both_are_of_another_release() -> None:
    assert prove(stripped_file(DISTRO), differing(release="go1.24.5")) is None


def test_a_declared_experiment_may_stand_in_every_executable() -> None:
    # Such an executable need not hold code of internal/buildcfg (gofmt does not).
    upstream = replace(UPSTREAM, functions=[("main.main", 16)])
    ours = replace(
        upstream,
        release="go1.24.4 X:nodwarf5",
        settings={**UPSTREAM.settings, "GOEXPERIMENT": "nodwarf5"},
    )
    declared = {SETTINGS: settings(experiments="nodwarf5")}
    proof = prove(stripped_file(ours), differing(declared), upstream_file(upstream))
    assert proof is not None
    assert cause_of(proof) == (
        "embeds GOEXPERIMENT=nodwarf5 (internal/buildcfg), which the package was built with"
    )
    other = {SETTINGS: settings(experiments="aliastypeparams")}
    assert prove(stripped_file(ours), differing(other), upstream_file(upstream)) is None


def test_a_missing_or_huge_settings_file_declares_nothing() -> None:
    ours = replace(DISTRO, release="go1.24.4 X:nodwarf5")
    for files in ({}, {SETTINGS: settings(experiments="nodwarf5") + b"\n" * (1 << 20)}):
        assert prove(stripped_file(ours), differing(files)) is None


COMPILED_IN = {SETTINGS: settings(), "src/runtime/proc.go": b"1"}


def test_without_sources_at_hand_only_the_settings_are_unknown() -> None:
    proof = prove(stripped_file(DISTRO), differing({"VERSION": b"go1.24.4"}, COMPILED_IN))
    assert proof is not None
    assert proof.standing is Standing.UNPROVEN
    assert "this package does not state" in cause_of(proof)
    assert proof.rests_on == ()


def test_settings_beside_the_executables_are_read_without_sources() -> None:
    proof = prove(stripped_file(DISTRO), differing({SETTINGS: settings("softfloat")}, COMPILED_IN))
    assert proof is not None
    assert proof.rests_on == (SETTINGS,), "sources that were not given are no difference"


def test_a_source_that_is_missing_among_others_is_a_difference() -> None:
    ours = {SETTINGS: settings(), "src/fmt/print.go": b"1"}
    proof = prove(stripped_file(DISTRO), differing(ours, {**COMPILED_IN, **ours}))
    assert proof is not None
    assert proof.rests_on == ("src/runtime/proc.go",)


def test_an_undeclared_setting_in_the_build_is_odd_where_none_is_stated() -> None:
    newer = replace(DISTRO, settings={**DISTRO.settings, "GOAMD64": "v3"})
    unstated = differing({"VERSION": b"go1.24.4"}, COMPILED_IN)
    assert prove(stripped_file(newer), unstated) is None
    rule = SettingsRule({"GOAMD64": "v3"}, "", "")
    upstream = replace(UPSTREAM, settings={**UPSTREAM.settings, "GOAMD64": "v1"})
    stated = {**COMPILED_IN, SETTINGS: settings() + b"const DefaultGOAMD64 = `v1`\n"}
    declared = replace(
        differing({"VERSION": b"go1.24.4"}, stated), policy=Policy("d", "go", settings=(rule,))
    )
    assert prove(stripped_file(newer), declared, upstream_file(upstream)) is not None
