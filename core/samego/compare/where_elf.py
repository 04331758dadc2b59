"""Where two ELF files differ: the section, the address and the function."""

from __future__ import annotations

import re
import struct

from samego.compare.where_bytes import file_of, first_difference
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_values import Elf, ElfError, ElfSection, SectionType
from samego.formats.executable.pclntab import read_function_table
from samego.rules.reference_build import differing_build

_FUNCTION_SYMBOL = 2  # STT_FUNC, generic ABI, "Symbol Types"
_TYPE_ARGUMENTS = re.compile(r"\[.*\]", re.DOTALL)
_MAX_NAME = 120


def where(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
    """One phrase that says where the distro's file first differs.

    Settings of the build come first, where two Go executables tell others. Then loaded
    sections in the distro's order, with the virtual address and, in code, the function as
    the distro's own tables name it. Total: files that are not
    understood are told so, and equal ones too.
    """
    try:
        ours = parse(distro)
    except ElfError as error:
        return f"the package's file is no sound ELF file: {error.message}"
    try:
        theirs = parse(upstream)
    except ElfError as error:
        return f"{file_of(other)} is no sound ELF file: {error.message}"
    phrase = _loaded(ours, theirs, other) or _headers(ours, theirs, other)
    hidden = _hidden(ours, theirs) if ours.segments else ""
    told = differing_build(distro, upstream)
    built = f"built with {told}" if told else ""
    return "; ".join(filter(None, (built, phrase, hidden))) or _others(ours, theirs)


def _loaded(ours: Elf, theirs: Elf, other: str) -> str:
    mine = {section.name: section for section in ours.alloc_sections}
    others = {section.name: section for section in theirs.alloc_sections}
    only = [f"only the package has {name}" for name in mine if name not in others]
    only += [f"only {other} has {name}" for name in others if name not in mine]
    differing = [
        name
        for name, section in mine.items()
        if name in others and not _same(ours, section, theirs, others[name])
    ]
    if not differing:
        return "; ".join(only)
    # Code says most, so the first section with code that differs is named, if any.
    name = next((name for name in differing if _is_code(mine[name])), differing[0])
    phrase = _first(ours, mine[name], theirs, others[name], other)
    if len(differing) > 1:
        phrase += f"; {len(differing)} of {len(mine)} loaded sections differ"
    return "; ".join([phrase, *only])


def _same(ours: Elf, mine: ElfSection, theirs: Elf, other: ElfSection) -> bool:
    attributes = [
        (section.type, section.flags, section.addr, section.size) for section in (mine, other)
    ]
    return attributes[0] == attributes[1] and ours.content(mine) == theirs.content(other)


def _is_code(section: ElfSection) -> bool:
    return section.name == ".text"


def _first(ours: Elf, mine: ElfSection, theirs: Elf, posted: ElfSection, other: str) -> str:
    content, wanted = ours.content(mine), theirs.content(posted)
    offset = first_difference(content, wanted)
    if offset is None:
        if mine.size != posted.size:
            return f"{mine.name} has {mine.size} bytes, {other}'s {posted.size}"
        if mine.addr != posted.addr:
            return f"{mine.name} lies at {mine.addr:#x}, {other}'s at {posted.addr:#x}"
        return f"the header of {mine.name} differs"
    address = mine.addr + offset
    function = function_at(ours, address) if _is_code(mine) else ""
    return f"{mine.name} differs at {address:#x}" + (f" in {function}" if function else "")


def function_at(elf: Elf, address: int) -> str:
    """The function that holds an address, by Go's table or the symbol table; else empty."""
    table = read_function_table(elf)
    name = table.function_at(address) if table is not None else None
    name = name or _symbol_at(elf, address)
    return _TYPE_ARGUMENTS.sub("[...]", name)[:_MAX_NAME]


def _symbol_at(elf: Elf, address: int) -> str:
    table = next((section for section in elf.sections if section.type == SectionType.SYMTAB), None)
    if table is None or not table.link < len(elf.sections):
        return ""
    names = elf.content(elf.sections[table.link])
    content = elf.content(table)
    # Elf32_Sym and Elf64_Sym order their fields differently (generic ABI, "Symbol Table").
    order = "<" if elf.form.little else ">"
    wide = elf.form.word == 8  # noqa: PLR2004 - bytes of an address
    layout = struct.Struct(order + ("IBBHQQ" if wide else "IIIBBH"))
    for row in layout.iter_unpack(content[: len(content) // layout.size * layout.size]):
        name, info, start, size = (
            (row[0], row[1], row[4], row[5]) if wide else (row[0], row[3], row[1], row[2])
        )
        if info & 0xF == _FUNCTION_SYMBOL and start <= address < start + size:
            return names[name : names.find(b"\0", name)].decode("utf-8", "replace")
    return ""


def _headers(ours: Elf, theirs: Elf, other: str) -> str:
    if ours.header.entry != theirs.header.entry:
        return f"it starts at {ours.header.entry:#x}, {other}'s at {theirs.header.entry:#x}"
    if ours.header.ident != theirs.header.ident or ours.header.flags != theirs.header.flags:
        return "the ELF header differs"
    if len(ours.segments) != len(theirs.segments):
        return f"it has {len(ours.segments)} segments, {other}'s {len(theirs.segments)}"
    for number, (mine, posted) in enumerate(zip(ours.segments, theirs.segments, strict=True)):
        # Strip may shorten the last loaded segment; elf_stripped judges that.
        if mine != posted and not (mine in ours.loaded[-1:] and mine.filesz < posted.filesz):
            return f"program header {number} differs"
    return ""


def _hidden(ours: Elf, theirs: Elf) -> str:
    """What the layout check objects to, if anything."""
    try:
        check_nothing_hidden(ours, "", theirs)
    except ElfError as error:
        return error.message
    return ""


def _others(ours: Elf, theirs: Elf) -> str:
    if ours.data == theirs.data:
        return "nowhere: the files are equal"
    offset = first_difference(ours.data, theirs.data)
    names = sorted(
        {section.name for section in ours.sections} - {section.name for section in theirs.sections}
    )
    more = f"; only the package has {', '.join(names)}" if names else ""
    return f"all loaded sections are equal; the files differ first at byte {offset}{more}"
