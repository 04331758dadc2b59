"""A strict reader of ELF files: header, program headers and section headers as plain values.

The format is that of the System V ABI (generic ABI, chapters 4 and 5, "ELF Header",
"Sections", "Program Header"), 32 and 64 bit, little and big endian. Readers for
debugging tolerate a great deal; this one refuses whatever an honest linker does not
write, because a proof rests on it. Nothing is allocated by a size that the file
only claims: every range is checked against the file first.
"""

from __future__ import annotations

import enum
import itertools
import re
import struct
from dataclasses import dataclass

from samego.errors import InputError

MAGIC = b"\x7fELF"

# Reserved indexes (generic ABI, "Special Section Indexes"): counts from here on are
# kept elsewhere, a form that only object files with very many sections need.
_RESERVED_INDEX = 0xFF00
# An executable has about a dozen; each may cover the whole file.
_MAX_SEGMENTS = 128
_MAX_NAME = 255
_NAME = re.compile(rb"[!-~]*")


class ElfError(InputError):
    """Bytes that are not an ELF file as an honest linker writes it."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message, hint="the file is damaged, or made by a tool that samego does not know"
        )


class SegmentType(enum.IntEnum):
    """The types of program headers that samego names (``p_type``)."""

    LOAD = 1
    DYNAMIC = 2
    INTERP = 3
    NOTE = 4
    PHDR = 6
    TLS = 7
    GNU_STACK = 0x6474E551
    MIPS_ABIFLAGS = 0x70000003


class SectionType(enum.IntEnum):
    """The types of sections that samego names (``sh_type``)."""

    NULL = 0
    PROGBITS = 1
    SYMTAB = 2
    STRTAB = 3
    NOTE = 7
    NOBITS = 8


class SectionFlag(enum.IntFlag):
    """The flags of sections that samego names (``sh_flags``)."""

    WRITE = 0x1
    ALLOC = 0x2
    EXECINSTR = 0x4
    TLS = 0x400


class FileType(enum.IntEnum):
    """The types of files that samego names (``e_type``)."""

    EXEC = 2
    DYN = 3


@dataclass(frozen=True, slots=True)
class Form:
    """One of the four encodings: the structures' layouts and where header fields lie.

    ``section_fields`` are the byte ranges, in the file, of the header's fields that
    describe the section header table alone: e_shoff, then e_shnum and e_shstrndx.
    ``filesz_field`` is p_filesz's byte range in a program header.
    """

    bits: int
    little: bool
    header: struct.Struct
    segment: struct.Struct
    section: struct.Struct
    section_fields: tuple[tuple[int, int], ...]
    filesz_field: tuple[int, int]

    @property
    def word(self) -> int:
        """The size of an address in bytes."""
        return self.bits // 8


def _form(bits: int, *, little: bool) -> Form:
    order = "<" if little else ">"
    if bits == 64:  # noqa: PLR2004 - the width itself
        layouts = ("16sHHIQQQIHHHHHH", "IIQQQQQQ", "IIQQQQIIQQ")
        fields, filesz = ((40, 48), (60, 64)), (32, 40)
    else:
        layouts = ("16sHHIIIIIHHHHHH", "IIIIIIII", "IIIIIIIIII")
        fields, filesz = ((32, 36), (48, 52)), (16, 20)
    header, segment, section = (struct.Struct(order + layout) for layout in layouts)
    return Form(bits, little, header, segment, section, fields, filesz)


# EI_CLASS and EI_DATA of the identification to the form.
_FORMS = {
    (klass, order): _form(bits, little=little)
    for klass, bits in ((1, 32), (2, 64))
    for order, little in ((1, True), (2, False))
}


@dataclass(frozen=True, slots=True)
class Header:
    """The ELF header; fields are named as in the ABI without ``e_``."""

    ident: bytes
    type: int
    machine: int
    version: int
    entry: int
    phoff: int
    shoff: int
    flags: int
    ehsize: int
    phentsize: int
    phnum: int
    shentsize: int
    shnum: int
    shstrndx: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header; offsets and sizes in bytes."""

    type: int
    flags: int
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    align: int

    @property
    def is_loaded(self) -> bool:
        """Whether the kernel maps it."""
        return self.type == SegmentType.LOAD

    @property
    def file_end(self) -> int:
        """The file offset behind its last byte."""
        return self.offset + self.filesz


@dataclass(frozen=True, slots=True)
class Section:
    """A section header; ``name_offset`` is where its name lies in the name table."""

    index: int
    name: str
    name_offset: int
    type: int
    flags: int
    addr: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entsize: int

    @property
    def is_alloc(self) -> bool:
        """Whether it is part of what a program has in memory (SHF_ALLOC)."""
        return bool(self.flags & SectionFlag.ALLOC)

    @property
    def has_bytes(self) -> bool:
        """Whether it occupies bytes of the file."""
        return self.size > 0 and self.type not in (SectionType.NOBITS, SectionType.NULL)

    @property
    def file_end(self) -> int:
        """The file offset behind its last byte."""
        return self.offset + (self.size if self.has_bytes else 0)


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file: its bytes and what its headers say. Made by :func:`parse`."""

    data: bytes
    form: Form
    header: Header
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The first section of this name, or None."""
        return next((section for section in self.sections if section.name == name), None)

    def content(self, section: Section) -> bytes:
        """A section's bytes in the file; empty where it occupies none."""
        return self.data[section.offset : section.file_end]

    @property
    def loaded(self) -> tuple[Segment, ...]:
        """The segments that the kernel maps, in the table's order."""
        return tuple(segment for segment in self.segments if segment.is_loaded)

    @property
    def alloc_sections(self) -> tuple[Section, ...]:
        """The sections that a program has in memory, in the table's order."""
        return tuple(section for section in self.sections if section.is_alloc)

    @property
    def section_table(self) -> tuple[int, int]:
        """The file range of the section header table; (0, 0) without one."""
        start = self.header.shoff
        return start, start + self.header.shnum * self.form.section.size


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


def pieces(elf: Elf) -> list[tuple[int, int, str]]:
    """What the headers account for, as (start, end, name) by position in the file."""
    found = [
        (0, elf.form.header.size, "the ELF header"),
        (
            elf.header.phoff,
            elf.header.phoff + elf.header.phnum * elf.form.segment.size,
            "the program header table",
        ),
        (*elf.section_table, "the section header table"),
    ]
    found += [(s.offset, s.file_end, s.name) for s in elf.sections if s.has_bytes]
    return sorted(piece for piece in found if piece[1] > piece[0])


def attributes(elf: Elf, section: Section) -> tuple[str | int, ...]:
    """What a section header says beside its place and size, its link by name."""
    link = section.link
    linked = elf.sections[link].name if link < len(elf.sections) else link
    return (
        section.name,
        section.type,
        section.flags,
        section.addr,
        linked,
        section.info,
        section.align,
        section.entsize,
    )


def _read_header(data: bytes) -> tuple[Form, Header]:
    if not is_elf(data):
        raise ElfError("it does not begin as an ELF file")
    form = _FORMS.get((data[4], data[5])) if len(data) > 5 else None  # noqa: PLR2004 - EI_DATA
    if form is None:
        raise ElfError("its class or byte order is none that ELF has")
    if len(data) < form.header.size:
        raise ElfError("its ELF header is truncated")
    header = Header(*form.header.unpack_from(data))
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
        raise ElfError("its section headers are counted elsewhere")
    return form, header


def _table(
    data: bytes, offset: int, count: int, layout: struct.Struct, what: str
) -> list[tuple[int, ...]]:
    if count and offset + count * layout.size > len(data):
        raise ElfError(f"{what} lies outside the file")
    return [layout.unpack_from(data, offset + number * layout.size) for number in range(count)]


def _segment(form: Form, values: tuple[int, ...]) -> Segment:
    if form.bits == 64:  # noqa: PLR2004 - the width itself
        return Segment(*values)
    kind, offset, vaddr, paddr, filesz, memsz, flags, align = values
    return Segment(kind, flags, offset, vaddr, paddr, filesz, memsz, align)


def _is_alignment(value: int) -> bool:
    return not value & (value - 1)


def _check_segment(segment: Segment, number: int, form: Form, size: int) -> None:
    name = f"segment {number}"
    if segment.file_end > size:
        raise ElfError(f"{name} lies outside the file")
    if segment.vaddr + segment.memsz > 1 << form.bits:
        raise ElfError(f"{name} lies outside the address space")
    if not _is_alignment(segment.align):
        raise ElfError(f"{name} has an alignment that is no power of two")
    if segment.is_loaded:
        if segment.filesz > segment.memsz:
            raise ElfError(f"{name} has more bytes in the file than in memory")
        if segment.align and (segment.vaddr - segment.offset) % segment.align:
            raise ElfError(f"{name} is not where its alignment puts it")


def _read_sections(data: bytes, form: Form, header: Header) -> tuple[Section, ...]:
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
        section = Section(index, _name(names, row[0], index), *row)
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


def _check_section(section: Section, form: Form, size: int) -> None:
    if section.has_bytes and section.file_end > size:
        raise ElfError(f"section {section.name} lies outside the file")
    if section.addr + section.size > 1 << form.bits:
        raise ElfError(f"section {section.name} lies outside the address space")
    if not _is_alignment(section.align):
        raise ElfError(f"section {section.name} has an alignment that is no power of two")


def _check_overlaps(elf: Elf) -> None:
    for (_, end, first), (start, _, second) in itertools.pairwise(pieces(elf)):
        if start < end:
            raise ElfError(f"{first} and {second} share bytes of the file")
