from __future__ import annotations

from collections.abc import Callable

import pytest

from samego.formats.executable.elf import parse
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_values import ElfError
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.elf_files import EVERY_FORM, PAGE, Program, stripped_file, upstream_file

LINK = "0102030405060708090a0b0c0d0e0f10111213.debug"
Edit = Callable[[bytes], bytes]


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_a_stripped_file_hides_nothing(program: Program) -> None:
    link = check_nothing_hidden(parse(stripped_file(program)), "nm")
    assert link is not None
    assert (link.file_name, link.crc32) == (LINK, 0x12345678)
    assert check_nothing_hidden(parse(stripped_file(program, debug_link=None)), "nm") is None


def test_a_debug_link_may_be_named_by_the_file() -> None:
    elf = parse(stripped_file(Program(), debug_link="nm.debug"))
    link = check_nothing_hidden(elf, "nm")
    assert link is not None
    assert link.file_name == "nm.debug"
    with pytest.raises(ElfError, match="names neither"):
        check_nothing_hidden(elf, "objdump")


def _without_sections(data: bytes) -> bytes:
    for field in ("shoff", "shnum", "shstrndx"):
        data = set_header(data, field, 0)
    return data


def _appended(data: bytes) -> bytes:
    return data + b"\0"


def _moved_table(data: bytes, distance: int) -> bytes:
    """Move the section header table towards the end, leaving zeros."""
    shoff = parse(data).header.shoff
    return set_header(data[:shoff] + bytes(distance) + data[shoff:], "shoff", shoff + distance)


def _loosened(data: bytes) -> bytes:
    """Make room behind .shstrtab for a byte that is not zero."""
    data = _moved_table(data, 8)
    end = parse(data).section_table[0]
    return set_bytes(data, end - 1, b"x")


def _spare_name(data: bytes) -> bytes:
    """Make .shstrtab one string longer, in front of the section header table."""
    elf = parse(data)
    table = elf.section(".shstrtab")
    assert table is not None
    added = b"spy-on-us\0".rjust(16, b"s")
    end = table.file_end
    data = data[:end] + added + data[end:]
    data = set_header(data, "shoff", elf.header.shoff + len(added))
    return set_section(data, ".shstrtab", "size", table.size + len(added))


def _many_sections(data: bytes) -> bytes:
    """Append empty sections, each with the name of the last."""
    elf = parse(data)
    row = data[-64:-40] + bytes(40)
    return set_header(data + row * 300, "shnum", elf.header.shnum + 300)


HIDDEN: dict[str, tuple[Edit, str]] = {
    "no sections": (_without_sections, "no section headers"),
    "too many sections": (_many_sections, "more sections"),
    "identification": (lambda d: set_header(d, "padding", 1), "identification holds"),
    "behind the end": (_appended, "1 bytes follow the section header table"),
    "before the table": (lambda d: _moved_table(d, 8), "more bytes before the section header"),
    "behind the headers": (lambda d: set_bytes(d, 0x300, b"x"), "padding before .note.go.b"),
    "behind the code": (lambda d: set_bytes(d, PAGE + 81, b"x"), "padding before .rodata"),
    "between constants": (lambda d: set_bytes(d, 2 * PAGE + 40, b"x"), "padding before .gopclnt"),
    "unused name": (_spare_name, "no section's name"),
    "names without end": (
        lambda d: set_section(_loosened(d), ".shstrtab", "size", _size(d, ".shstrtab") + 8),
        "does not end",
    ),
    "same name": (
        lambda d: set_section(d, ".data", "name", _name_offset(d, ".rodata")),
        "same name",
    ),
    "name in a name": (
        lambda d: set_section(d, ".text", "name", _name_offset(d, ".text") + 1),
        "no section's name",
    ),
    "names with info": (lambda d: set_section(d, ".shstrtab", "info", 7), "not a plain"),
    "names with entsize": (lambda d: set_section(d, ".shstrtab", "entsize", 7), "not a plain"),
    "link with address": (lambda d: set_section(d, ".gnu_debuglink", "addr", 7), "malformed"),
    "link padding": (lambda d: set_content(d, ".gnu_debuglink", -5, b"x"), "padding of"),
    "link name": (lambda d: set_content(d, ".gnu_debuglink", 0, b"9"), "names neither"),
    "link without end": (
        lambda d: set_content(d, ".gnu_debuglink", 0, b"x" * 52),
        "malformed",
    ),
    "section values": (lambda d: set_section(d, ".data", "info", 1), "undefined values"),
    "section address": (lambda d: set_section(d, ".data", "addr", 0x5000), "does not lie where"),
    "zeros' offset": (lambda d: set_section(d, ".bss", "offset", 0x41), "does not lie where"),
    "zeros' size": (lambda d: set_section(d, ".bss", "size", 200), "does not lie where"),
    "section not loaded": (
        lambda d: set_section(d, ".data", "flags", 1),
        "not flagged",
    ),
    "physical address": (lambda d: set_segment(d, 2, "paddr", 7), "physical address of segment 2"),
    "stack's place": (lambda d: set_segment(d, 5, "offset", 7), "segment 5 is not part"),
    "notes elsewhere": (lambda d: set_segment(d, 1, "offset", 0x10), "segment 1 is not part"),
    "segment order": (lambda d: set_segment(d, 3, "vaddr", 0x10800), "overlap or are out of"),
    "segment alignment": (lambda d: set_segment(d, 2, "align", 1 << 16 << 1), "its alignment|page"),
}


def _name_offset(data: bytes, name: str) -> int:
    section = parse(data).section(name)
    assert section is not None
    return section.name_offset


def _size(data: bytes, name: str) -> int:
    section = parse(data).section(name)
    assert section is not None
    return section.size


@pytest.mark.parametrize(("edit", "message"), HIDDEN.values(), ids=HIDDEN.keys())
def test_finds_what_is_hidden(edit: Edit, message: str) -> None:
    data = edit(stripped_file(Program()))
    with pytest.raises(ElfError, match=message):
        check_nothing_hidden(parse(data), "nm")


def test_a_segment_may_not_be_aligned_beyond_the_largest_page() -> None:
    data = set_segment(stripped_file(Program()), 2, "vaddr", 0)
    data = set_segment(data, 2, "align", 1 << 17)
    with pytest.raises(ElfError, match="largest page"):
        check_nothing_hidden(parse(data), "nm")


def test_upstreams_own_form_is_not_stripped() -> None:
    with pytest.raises(ElfError, match=r"before \.symtab"):
        check_nothing_hidden(parse(upstream_file(Program())), "nm")
