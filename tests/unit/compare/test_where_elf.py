from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from samego.compare import where_elf
from samego.compare.where_bytes import first_difference
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.elf_files import BASE, PAGE, Program, stripped_file, upstream_file
from support.words import places_of

FIXTURES = Path(__file__).parents[3] / "fixtures" / "elf"
TEXT = BASE + PAGE
Edit = Callable[[bytes], bytes]

WHERE: dict[str, tuple[Edit, str]] = {
    "code": (
        lambda d: set_content(d, ".text", 20, b"x"),
        f".text differs at {TEXT + 20:#x} in main.main",
    ),
    "generic code": (
        lambda d: set_content(d, ".text", 65, b"x"),
        f".text differs at {TEXT + 65:#x} in slices.Sort[...]",
    ),
    "data": (
        lambda d: set_content(d, ".data", 1, b"x"),
        f".data differs at {BASE + 3 * PAGE + 0x90 + 1:#x}",
    ),
    "two sections": (
        lambda d: set_content(set_content(d, ".data", 1, b"x"), ".text", 0, b"x"),
        f".text differs at {TEXT:#x} in internal/buildcfg.init; 2 of 8 loaded sections differ",
    ),
    "rights": (lambda d: set_section(d, ".rodata", "flags", 3), "the header of .rodata differs"),
    "zeros": (
        lambda d: set_section(d, ".bss", "size", 99),
        ".bss has 99 bytes, upstream's 100",
    ),
    "entry": (
        lambda d: set_header(d, "entry", 0x10801),
        "it starts at 0x10801, upstream's at 0x10800",
    ),
    "header": (lambda d: set_header(d, "flags", 1), "the ELF header differs"),
    "stack": (lambda d: set_segment(d, 5, "flags", 7), "program header 5 differs"),
    "padding": (
        lambda d: set_bytes(d, PAGE + 90, b"x"),
        "the padding before .rodata is not zero",
    ),
    "appended": (lambda d: d + b"xy", "2 bytes follow the section header table"),
    "no ELF": (
        lambda _: b"text",
        "the package's file is not a valid ELF file: it does not begin as an ELF file",
    ),
}


def where(distro: bytes, upstream: bytes) -> str:
    return places_of(where_elf.where(distro, upstream))


@pytest.mark.parametrize(("edit", "phrase"), WHERE.values(), ids=WHERE.keys())
def test_says_where(edit: Edit, phrase: str) -> None:
    assert where(edit(stripped_file(Program())), upstream_file(Program())) == phrase


def test_stripped_files_differ_outside_memory() -> None:
    phrase = where(stripped_file(Program()), upstream_file(Program()))
    assert phrase == (
        "all loaded sections are equal; the files differ first at byte 40; "
        "only the package has .gnu_debuglink"
    )


def test_sections_that_one_side_has_are_named() -> None:
    data = stripped_file(Program())
    other = set_content(data, ".shstrtab", 1, b".Note")
    assert where(other, data) == (
        "only the package has .Note.go.buildid; only upstream has .note.go.buildid"
    )


def test_sizes_and_addresses_are_told() -> None:
    base, longer = Program(), replace(Program(), data=Program().data + b" and more")
    assert where(stripped_file(longer), stripped_file(base)).startswith(".data differs at 0x118b2")
    moved = set_section(stripped_file(base), ".data", "addr", 0x7000)
    assert where(moved, stripped_file(base)).startswith(".data is at 0x7000, upstream's at ")


def test_other_segments_are_told() -> None:
    data = stripped_file(Program())
    assert where(set_header(data, "phnum", 5), data).startswith("it has 5 segments, upstream's 6")


def test_equal_files_differ_nowhere() -> None:
    data = stripped_file(Program())
    assert where(data, data) == "no difference"


def test_a_broken_upstream_is_told() -> None:
    data = stripped_file(Program())
    assert where(data, data[:90]).startswith("upstream's file is not a valid ELF file")


def test_symbols_name_functions_without_gos_table() -> None:
    tiny = (FIXTURES / "tiny").read_bytes()
    changed = set_content(tiny, ".text", 5, b"\x90")
    assert where(changed, tiny).startswith(".text differs at 0x401005 in _start")
    stripped = (FIXTURES / "tiny.stripped").read_bytes()
    assert where(set_content(stripped, ".text", 5, b"\x90"), tiny) == ".text differs at 0x401005"
    unlinked = set_section(changed, ".symtab", "link", 99)
    assert where(unlinked, tiny).startswith(".text differs at 0x401005")


@pytest.mark.parametrize(
    ("one", "other", "offset"),
    [
        (b"", b"", None),
        (b"a", b"a", None),
        (b"a", b"b", 0),
        (b"ab", b"a", 1),
        (b"", b"x", 0),
        (bytes(1 << 17), bytes(70000) + b"x", 70000),
        (bytes(1 << 17), bytes(1 << 16), 1 << 16),
    ],
)
def test_finds_the_first_difference(one: bytes, other: bytes, offset: int | None) -> None:
    assert first_difference(one, other) == offset


def test_what_an_executable_says_of_its_own_build_comes_first() -> None:
    usual = Program()
    newer = replace(usual, settings={**usual.settings, "GOAMD64": "v3"}, rodata=b"other constants")
    told = where(stripped_file(newer), upstream_file(usual))
    assert told.startswith("built with GOAMD64=v3, not nothing; .")
