"""Where two ELF files differ: the section, the address and the function."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from samego.compare.where_bytes import first_difference
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_values import Elf, ElfError, ElfSection, SectionType
from samego.formats.executable.pclntab import read_function_table
from samego.model.places.executables import (
    Address,
    BuiltWith,
    ElfHeader,
    HiddenBytes,
    NotLoaded,
    OnlyDistroHas,
    OnlyUpstreamHas,
    ProgramHeader,
    SectionAddress,
    SectionHeader,
    SectionsDiffer,
    SectionSize,
    Segments,
    Start,
)
from samego.model.places.files import Nowhere, Unreadable
from samego.model.value import Place
from samego.rules.reference_build import differing_build

_FUNCTION_SYMBOL = 2  # STT_FUNC, generic ABI, "Symbol Types"
_TYPE_ARGUMENTS = re.compile(r"\[.*\]", re.DOTALL)
_MAX_NAME = 120


def where(distro: bytes, upstream: bytes) -> tuple[Place, ...]:
    """Where the distro's file first differs.

    Settings of the build come first, where two Go executables tell others. Then loaded
    sections in the distro's order, with the virtual address and, in code, the function as
    the distro's own tables name it. Total: files that are not
    understood, or are equal, are reported so.
    """
    try:
        ours = parse(distro)
    except ElfError as error:
        return (Unreadable(upstreams=False, problem=error.message),)
    try:
        theirs = parse(upstream)
    except ElfError as error:
        return (Unreadable(upstreams=True, problem=error.message),)
    settings = differing_build(distro, upstream)
    found: list[Place] = [BuiltWith(settings)] if settings else []
    found += list(_loaded(ours, theirs)) or list(_headers(ours, theirs))
    found += _hidden(ours, theirs) if ours.segments else ()
    return tuple(found or _others(ours, theirs))


def _loaded(ours: Elf, theirs: Elf) -> Iterator[Place]:
    mine = {section.name: section for section in ours.alloc_sections}
    others = {section.name: section for section in theirs.alloc_sections}
    differing = [
        name
        for name, section in mine.items()
        if name in others and not _same(ours, section, theirs, others[name])
    ]
    if differing:
        # Code says most, so the first section with code that differs is named, if any.
        name = next((name for name in differing if _is_code(mine[name])), differing[0])
        yield _first(ours, mine[name], theirs, others[name])
        if len(differing) > 1:
            yield SectionsDiffer(len(differing), len(mine))
    yield from (OnlyDistroHas((name,)) for name in mine if name not in others)
    yield from (OnlyUpstreamHas((name,)) for name in others if name not in mine)


def _same(ours: Elf, mine: ElfSection, theirs: Elf, other: ElfSection) -> bool:
    attributes = [
        (section.type, section.flags, section.addr, section.size) for section in (mine, other)
    ]
    return attributes[0] == attributes[1] and ours.content(mine) == theirs.content(other)


def _is_code(section: ElfSection) -> bool:
    return section.name == ".text"


def _first(ours: Elf, mine: ElfSection, theirs: Elf, posted: ElfSection) -> Place:
    offset = first_difference(ours.content(mine), theirs.content(posted))
    if offset is None:
        if mine.size != posted.size:
            return SectionSize(mine.name, mine.size, posted.size)
        if mine.addr != posted.addr:
            return SectionAddress(mine.name, mine.addr, posted.addr)
        return SectionHeader(mine.name)
    address = mine.addr + offset
    return Address(mine.name, address, function_at(ours, address) if _is_code(mine) else "")


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


def _headers(ours: Elf, theirs: Elf) -> Iterator[Place]:
    if ours.header.entry != theirs.header.entry:
        yield Start(ours.header.entry, theirs.header.entry)
        return
    if ours.header.ident != theirs.header.ident or ours.header.flags != theirs.header.flags:
        yield ElfHeader()
        return
    if len(ours.segments) != len(theirs.segments):
        yield Segments(len(ours.segments), len(theirs.segments))
        return
    for number, (mine, posted) in enumerate(zip(ours.segments, theirs.segments, strict=True)):
        # Strip may shorten the last loaded segment; elf_stripped judges that.
        if mine != posted and not (mine in ours.loaded[-1:] and mine.filesz < posted.filesz):
            yield ProgramHeader(number)
            return


def _hidden(ours: Elf, theirs: Elf) -> tuple[Place, ...]:
    """What the layout check objects to, if anything."""
    try:
        check_nothing_hidden(ours, "", theirs)
    except ElfError as error:
        return (HiddenBytes(error.message),)
    return ()


def _others(ours: Elf, theirs: Elf) -> Iterator[Place]:
    offset = first_difference(ours.data, theirs.data)
    if offset is None:
        yield Nowhere()
        return
    yield NotLoaded(offset)
    names = sorted(
        {section.name for section in ours.sections} - {section.name for section in theirs.sections}
    )
    if names:
        yield OnlyDistroHas(tuple(names))
