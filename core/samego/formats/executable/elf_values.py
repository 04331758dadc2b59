"""What the headers of an ELF file say, as plain values.

Names and meanings are those of the System V ABI (generic ABI, chapters 4 and 5).
:mod:`samego.formats.executable.elf` reads them.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

from samego.errors import InputError


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
    COMPRESSED = 0x800


class FileType(enum.IntEnum):
    """The types of files that samego names (``e_type``)."""

    EXEC = 2
    DYN = 3


@dataclass(frozen=True, slots=True)
class ElfForm:
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


@dataclass(frozen=True, slots=True)
class ElfFileHeader:
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
class ElfSection:
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
    form: ElfForm
    header: ElfFileHeader
    segments: tuple[Segment, ...]
    sections: tuple[ElfSection, ...]

    def section(self, name: str) -> ElfSection | None:
        """The first section of this name, or None."""
        return next((section for section in self.sections if section.name == name), None)

    def content(self, section: ElfSection) -> bytes:
        """A section's bytes in the file; empty where it occupies none."""
        return self.data[section.offset : section.file_end]

    @property
    def loaded(self) -> tuple[Segment, ...]:
        """The segments that the kernel maps, in the table's order."""
        return tuple(segment for segment in self.segments if segment.is_loaded)

    @property
    def alloc_sections(self) -> tuple[ElfSection, ...]:
        """The sections that a program has in memory, in the table's order."""
        return tuple(section for section in self.sections if section.is_alloc)

    @property
    def section_table(self) -> tuple[int, int]:
        """The file range of the section header table; (0, 0) without one."""
        start = self.header.shoff
        return start, start + self.header.shnum * self.form.section.size


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


def attributes(elf: Elf, section: ElfSection) -> tuple[str | int, ...]:
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
