"""A strict reader of ELF files: header, program headers and section headers as plain values.

The format is that of the System V ABI (generic ABI, chapters 4 and 5, "ELF Header",
"Sections", "Program Header"), 32 and 64 bit, little and big endian. Readers for
debugging tolerate a great deal; this one refuses whatever an honest linker does not
write, because a proof rests on it. Nothing is allocated by a size that the file
only claims: every range is checked against the file first.
"""

from __future__ import annotations

import itertools
import re
import struct

from samego.formats.executable.elf_values import (
    Elf,
    ElfError,
    ElfFileHeader,
    ElfForm,
    ElfSection,
    SectionType,
    Segment,
    pieces,
)

MAGIC = b"\x7fELF"

# Reserved indexes (generic ABI, "Special Section Indexes"): counts from here on are
# kept elsewhere, a form that only object files with very many sections need.
_RESERVED_INDEX = 0xFF00
# An executable has about a dozen; each may cover the whole file.
_MAX_SEGMENTS = 128
_MAX_NAME = 255
_NAME = re.compile(rb"[!-~]*")


def _form(bits: int, *, little: bool) -> ElfForm:
    order = "<" if little else ">"
    if bits == 64:  # noqa: PLR2004 - the width itself
        layouts = ("16sHHIQQQIHHHHHH", "IIQQQQQQ", "IIQQQQIIQQ")
        fields, filesz = ((40, 48), (60, 64)), (32, 40)
    else:
        layouts = ("16sHHIIIIIHHHHHH", "IIIIIIII", "IIIIIIIIII")
        fields, filesz = ((32, 36), (48, 52)), (16, 20)
    header, segment, section = (struct.Struct(order + layout) for layout in layouts)
    return ElfForm(bits, little, header, segment, section, fields, filesz)


# EI_CLASS and EI_DATA of the identification to the form.
_FORMS = {
    (klass, order): _form(bits, little=little)
    for klass, bits in ((1, 32), (2, 64))
    for order, little in ((1, True), (2, False))
}


def is_elf(data: bytes) -> bool:
    """Whether the bytes begin as an ELF file does."""
    return data[:4] == MAGIC


def parse(data: bytes) -> Elf:
    """Read an ELF file.

    Raises ElfError for bytes that are no ELF file, for tables, segments or sections
    outside the file, for sections that share bytes, for addresses that overflow, for
    alignments that are no power of two, and for names that are not printable.
    """
    form, header = _read_header(data)
    segments = tuple(
        _segment(form, values)
        for values in _table(
            data, header.phoff, header.phnum, form.segment, "the program header table"
        )
    )
    for number, segment in enumerate(segments):
        _check_segment(segment, number, form, len(data))
    sections = _read_sections(data, form, header)
    elf = Elf(data, form, header, segments, sections)
    _check_overlaps(elf)
    return elf


def _read_header(data: bytes) -> tuple[ElfForm, ElfFileHeader]:
    if not is_elf(data):
        raise ElfError("it does not begin as an ELF file")
    form = _FORMS.get((data[4], data[5])) if len(data) > 5 else None  # noqa: PLR2004 - EI_DATA
    if form is None:
        raise ElfError("its class or byte order is not one of ELF's")
    if len(data) < form.header.size:
        raise ElfError("its ELF header is truncated")
    header = ElfFileHeader(*form.header.unpack_from(data))
    if header.ident[6] != 1 or header.version != 1:
        raise ElfError("its ELF version is not 1")
    if header.ehsize != form.header.size:
        raise ElfError("its ELF header claims another size")
    if header.phnum and header.phentsize != form.segment.size:
        raise ElfError("its program headers claim another size")
    if header.shnum and header.shentsize != form.section.size:
        raise ElfError("its section headers claim another size")
    if header.phnum > _MAX_SEGMENTS or header.shnum >= _RESERVED_INDEX:
        raise ElfError("it has more headers than samego reads")
    if not header.shnum and (header.shoff or header.shstrndx):
        raise ElfError("its section headers are counted outside the ELF header")
    return form, header


def _table(
    data: bytes, offset: int, count: int, layout: struct.Struct, what: str
) -> list[tuple[int, ...]]:
    if count and offset + count * layout.size > len(data):
        raise ElfError(f"{what} lies outside the file")
    return [layout.unpack_from(data, offset + number * layout.size) for number in range(count)]


def _segment(form: ElfForm, values: tuple[int, ...]) -> Segment:
    if form.bits == 64:  # noqa: PLR2004 - the width itself
        return Segment(*values)
    kind, offset, vaddr, paddr, filesz, memsz, flags, align = values
    return Segment(kind, flags, offset, vaddr, paddr, filesz, memsz, align)


def _is_alignment(value: int) -> bool:
    return not value & (value - 1)


def _check_segment(segment: Segment, number: int, form: ElfForm, size: int) -> None:
    name = f"segment {number}"
    if segment.file_end > size:
        raise ElfError(f"{name} lies outside the file")
    if segment.vaddr + segment.memsz > 1 << form.bits:
        raise ElfError(f"{name} lies outside the address space")
    if not _is_alignment(segment.align):
        raise ElfError(f"{name} has an alignment that is not a power of two")
    if segment.is_loaded:
        if segment.filesz > segment.memsz:
            raise ElfError(f"{name} has more bytes in the file than in memory")
        if segment.align and (segment.vaddr - segment.offset) % segment.align:
            raise ElfError(f"{name} is not where its alignment puts it")


def _read_sections(data: bytes, form: ElfForm, header: ElfFileHeader) -> tuple[ElfSection, ...]:
    rows = _table(data, header.shoff, header.shnum, form.section, "the section header table")
    if not rows:
        return ()
    if any(rows[0]):
        raise ElfError("its first section header is not empty")
    if not 0 < header.shstrndx < len(rows) or rows[header.shstrndx][1] != SectionType.STRTAB:
        raise ElfError("it has no table of section names")
    offset, size = rows[header.shstrndx][4:6]
    if offset + size > len(data):
        raise ElfError("its table of section names lies outside the file")
    names = data[offset : offset + size]
    sections = []
    for index, row in enumerate(rows):
        section = ElfSection(index, _name(names, row[0], index), *row)
        _check_section(section, form, len(data))
        sections.append(section)
    return tuple(sections)


def _name(names: bytes, offset: int, index: int) -> str:
    end = names.find(b"\0", offset, offset + _MAX_NAME + 1) if offset < len(names) else -1
    if end < 0:
        raise ElfError(f"the name of section {index} has no end")
    name = names[offset:end]
    if _NAME.fullmatch(name) is None or bool(name) != bool(index):
        raise ElfError(f"the name of section {index} is not printable")
    return name.decode("ascii")


def _check_section(section: ElfSection, form: ElfForm, size: int) -> None:
    if section.has_bytes and section.file_end > size:
        raise ElfError(f"section {section.name} lies outside the file")
    if section.addr + section.size > 1 << form.bits:
        raise ElfError(f"section {section.name} lies outside the address space")
    if not _is_alignment(section.align):
        raise ElfError(f"section {section.name} has an alignment that is not a power of two")


def _check_overlaps(elf: Elf) -> None:
    for (_, end, first), (start, _, second) in itertools.pairwise(pieces(elf)):
        if start < end:
            raise ElfError(f"{first} and {second} share bytes of the file")
