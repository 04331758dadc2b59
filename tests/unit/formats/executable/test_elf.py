from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from samego.formats.executable.elf import is_elf, parse
from samego.formats.executable.elf_values import ElfError, SectionType, SegmentType, pieces
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.elf_files import BASE, EVERY_FORM, PAGE, Program, stripped_file, upstream_file

FIXTURES = Path(__file__).parents[4] / "fixtures" / "elf"
Edit = Callable[[bytes], bytes]


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_reads_every_width_and_byte_order(program: Program) -> None:
    elf = parse(upstream_file(program))
    assert (elf.form.bits, elf.form.little) == (program.bits, program.little)
    assert elf.header.entry == BASE + PAGE
    assert [segment.type for segment in elf.segments] == [
        SegmentType.PHDR,
        SegmentType.NOTE,
        SegmentType.LOAD,
        SegmentType.LOAD,
        SegmentType.LOAD,
        SegmentType.GNU_STACK,
    ]
    assert [(segment.flags, segment.vaddr) for segment in elf.loaded] == [
        (5, BASE),
        (4, BASE + 2 * PAGE),
        (6, BASE + 3 * PAGE),
    ]
    text, bss = elf.section(".text"), elf.section(".bss")
    assert text is not None
    assert bss is not None
    assert (text.addr, text.offset, text.size, text.align) == (BASE + PAGE, PAGE, 80, 16)
    assert elf.content(text) == elf.data[PAGE : PAGE + 80]
    assert (bss.type, bss.size, elf.content(bss)) == (SectionType.NOBITS, 100, b"")
    assert elf.section(".absent") is None


def test_reads_what_gnu_ld_links() -> None:
    elf = parse((FIXTURES / "tiny").read_bytes())
    assert [section.name for section in elf.alloc_sections] == [
        ".note.gnu.build-id",
        ".text",
        ".rodata",
        ".data",
        ".bss",
    ]
    assert elf.section_table[1] == len(elf.data)


def test_pieces_are_sorted_and_named() -> None:
    names = [name for _, _, name in pieces(parse(stripped_file(Program())))]
    assert names[:2] == ["the ELF header", "the program header table"]
    assert names[-3:] == [".gnu_debuglink", ".shstrtab", "the section header table"]


def test_a_file_without_sections_is_read() -> None:
    data = stripped_file(Program())
    for field in ("shoff", "shnum", "shstrndx"):
        data = set_header(data, field, 0)
    assert parse(data).sections == ()


@pytest.mark.parametrize("data", [b"", b"\x7fEL", b"MZ\x90\0", b"#!/bin/sh\n"])
def test_other_files_are_no_elf(data: bytes) -> None:
    assert not is_elf(data)
    with pytest.raises(ElfError, match="does not begin"):
        parse(data)


BAD: dict[str, tuple[Edit, str]] = {
    "class": (lambda d: set_bytes(d, 4, b"\3"), "class or byte order"),
    "byte order": (lambda d: set_bytes(d, 5, b"\0"), "class or byte order"),
    "identification only": (lambda d: d[:16], "header is truncated"),
    "five bytes": (lambda d: d[:5], "class or byte order"),
    "version in ident": (lambda d: set_header(d, "version", 2), "version is not 1"),
    "version": (lambda d: set_header(d, "version2", 0), "version is not 1"),
    "header size": (lambda d: set_header(d, "ehsize", 52), "header claims another size"),
    "program header size": (lambda d: set_header(d, "phentsize", 32), "program headers claim"),
    "section header size": (lambda d: set_header(d, "shentsize", 40), "section headers claim"),
    "extended program headers": (lambda d: set_header(d, "phnum", 0xFFFF), "more headers"),
    "extended sections": (lambda d: set_header(d, "shnum", 0xFF00), "more headers"),
    "sections counted elsewhere": (lambda d: set_header(d, "shnum", 0), "counted outside"),
    "many program headers": (lambda d: set_header(d, "phnum", 129), "more headers"),
    "program headers outside": (lambda d: set_header(d, "phnum", 128), "outside the file"),
    "many sections": (lambda d: set_header(d, "shnum", 0xFEFF), "outside the file"),
    "program headers far": (lambda d: set_header(d, "phoff", (1 << 64) - 1), "outside the file"),
    "section headers far": (lambda d: set_header(d, "shoff", (1 << 64) - 64), "outside the file"),
    "no names": (lambda d: set_header(d, "shstrndx", 0), "no table of section names"),
    "names behind": (lambda d: set_header(d, "shstrndx", 99), "no table of section names"),
    "names of another type": (lambda d: set_header(d, "shstrndx", 1), "no table of section"),
    "names far": (lambda d: set_section(d, ".shstrtab", "size", 1 << 40), "outside the file"),
    "first section": (lambda d: set_section(d, "", "info", 1), "first section header"),
    "name far": (lambda d: set_section(d, ".text", "name", 5000), "has no end"),
    "name empty": (lambda d: set_section(d, ".text", "name", 0), "not printable"),
    "name unprintable": (lambda d: set_content(d, ".shstrtab", 3, b"\n"), "not printable"),
    "name without end": (lambda d: set_content(d, ".shstrtab", -1, b"x"), "has no end"),
    "section far": (lambda d: set_section(d, ".text", "offset", 1 << 63), "outside the file"),
    "section large": (lambda d: set_section(d, ".data", "size", 1 << 63), "outside the file"),
    "zeros overflow": (
        lambda d: set_section(d, ".bss", "size", (1 << 64) - 1),
        "outside the address space",
    ),
    "section alignment": (lambda d: set_section(d, ".text", "align", 24), "power of two"),
    "sections share bytes": (lambda d: set_section(d, ".data", "size", 0x40), "share bytes"),
    "section in header": (lambda d: set_section(d, ".text", "offset", 0), "share bytes"),
    "section in table": (
        lambda d: set_section(d, ".gnu_debuglink", "offset", len(d) - 64),
        "share bytes",
    ),
    "segment far": (lambda d: set_segment(d, 2, "offset", 1 << 63), "outside the file"),
    "segment large": (lambda d: set_segment(d, 2, "filesz", 1 << 40), "outside the file"),
    "segment overflows": (
        lambda d: set_segment(d, 2, "memsz", (1 << 64) - 1),
        "outside the address space",
    ),
    "segment smaller in memory": (lambda d: set_segment(d, 2, "memsz", 1), "more bytes in the"),
    "segment alignment": (lambda d: set_segment(d, 2, "align", 3), "power of two"),
    "segment misplaced": (lambda d: set_segment(d, 3, "vaddr", 0x11001), "its alignment puts it"),
}


@pytest.mark.parametrize(("edit", "message"), BAD.values(), ids=BAD.keys())
def test_refuses(edit: Edit, message: str) -> None:
    with pytest.raises(ElfError, match=message) as caught:
        parse(edit(stripped_file(Program())))
    assert caught.value.hint


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_refuses_every_truncation(program: Program) -> None:
    data = stripped_file(program)
    for size in [*range(0, 700, 7), *range(700, len(data), 101), len(data) - 1]:
        with pytest.raises(ElfError):
            parse(data[:size])
