"""Whether an ELF file hides bytes: every byte of it must be accounted for.

A loader reads the ELF header and the program headers; the rest of the file is free
room for somebody who wants to hide something, unless each byte is known to be a
header, a section's, or padding. :func:`check_nothing_hidden` is the condition under
which samego judges an executable at all.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from samego.formats.executable.elf_notes import gnu_build_id
from samego.formats.executable.elf_values import (
    Elf,
    ElfError,
    ElfSection,
    SectionFlag,
    SectionType,
    Segment,
    attributes,
    pieces,
)

#: The largest page size of any Linux target that Go supports, in bytes (64 KiB: arm64,
#: ppc64; ``archinit`` in cmd/link/internal/ARCH/obj.go). Linkers pad segments to it.
MAX_PAGE = 0x10000

NAME_TABLE = ".shstrtab"
DEBUG_LINK = ".gnu_debuglink"

# Go's executables have about twenty.
_MAX_SECTIONS = 256
_CRC_SIZE = 4
_PLAIN_TYPES = (SectionType.PROGBITS, SectionType.NOBITS, SectionType.NOTE)
_NAME_TABLE_HEADER = (NAME_TABLE, SectionType.STRTAB, 0, 0, "", 0, 1, 0)
_DEBUG_LINK_HEADER = (DEBUG_LINK, SectionType.PROGBITS, 0, 0, "", 0, 4, 0)


@dataclass(frozen=True, slots=True)
class DebugLink:
    """What a .gnu_debuglink section says (GDB manual, "Separate Debug Files").

    ``crc32`` is that of a separate debug file, so it cannot be verified here.
    """

    file_name: str
    crc32: int


def check_nothing_hidden(elf: Elf, name: str, original: Elf | None = None) -> DebugLink | None:
    """Check that every byte of a stripped executable is accounted for.

    ``name`` is the file's name, from which a .gnu_debuglink may be named; ``original``
    is the file that it was stripped from, if any. What is checked, and what of it
    stays free:

    * headers, sections and zero padding cover the file to its last byte;
    * sections outside the loaded ones are only .shstrtab, which holds the names that
      are used and nothing else, and .gnu_debuglink, whose file name must be that of
      the GNU build-id or of the file itself. Its four CRC bytes are free. Others must
      be in ``original`` with the same bytes and attributes;
    * loaded sections lie in loaded segments, at the addresses that the segments give
      them, and those segments hold nothing else. Where a section without bytes would
      lie in the file is one of two places;
    * other segments are parts of loaded ones, and physical addresses are the virtual ones;
    * header fields without a meaning are zero.

    Returns the debug link, or None when there is none. Raises ElfError, saying what
    is not accounted for.
    """
    if not elf.sections:
        raise ElfError("it has no section headers, so samego cannot know what its bytes are")
    if len(elf.sections) > _MAX_SECTIONS:
        raise ElfError("it has more sections than an executable needs")
    if any(elf.header.ident[9:]):
        raise ElfError("the ELF identification holds undefined bytes")
    _check_names(elf)
    _check_segments(elf)
    for section in elf.sections[1:]:
        if section.is_alloc:
            _check_loaded(elf, section)
    _check_gaps(elf)
    return _check_others(elf, name, original)


def _check_names(elf: Elf) -> None:
    names = [section.name for section in elf.sections]
    if len(set(names)) != len(names):
        raise ElfError("two sections have the same name")
    table = elf.sections[elf.header.shstrndx]
    if attributes(elf, table) != _NAME_TABLE_HEADER:
        raise ElfError(f"its table of section names is not a plain {NAME_TABLE}")
    content = elf.content(table)
    # That it begins with an empty string is clear: the first section has that name.
    if content[-1:] != b"\0":
        raise ElfError(f"{NAME_TABLE} does not end as a string table")
    # A name may be the tail of a longer one; every string as a whole must be a name.
    starts = {section.name_offset for section in elf.sections[1:]}
    position = 1
    while position < len(content):
        if position not in starts:
            raise ElfError(f"{NAME_TABLE} holds a string that is no section's name")
        position = content.index(b"\0", position) + 1


def _check_segments(elf: Elf) -> None:
    address = offset = 0
    for segment in elf.loaded:
        if segment.vaddr < address or segment.offset < offset:
            raise ElfError("its loaded segments overlap or are out of order")
        address, offset = segment.vaddr + segment.memsz, segment.file_end
        if segment.align > MAX_PAGE:
            raise ElfError("a loaded segment is aligned to more than the largest page")
    for number, segment in enumerate(elf.segments):
        if segment.paddr != segment.vaddr:
            raise ElfError(f"the physical address of segment {number} is not its address")
        empty = not (segment.vaddr or segment.offset or segment.memsz or segment.filesz)
        if not segment.is_loaded and not empty and not _is_inside(elf, segment):
            raise ElfError(f"segment {number} is not part of a loaded segment")


def _is_inside(elf: Elf, part: Segment | ElfSection) -> bool:
    """Whether a loaded segment holds these bytes, at the address that they claim."""
    address = part.vaddr if isinstance(part, Segment) else part.addr
    return any(
        segment.offset <= part.offset
        and part.file_end <= segment.file_end
        and address - segment.vaddr == part.offset - segment.offset
        for segment in elf.loaded
    )


def _check_loaded(elf: Elf, section: ElfSection) -> None:
    if section.type in _PLAIN_TYPES and (section.link or section.info or section.entsize):
        raise ElfError(f"the header of {section.name} holds undefined values")
    if section.type == SectionType.NOBITS:
        _check_zero_filled(elf, section)
        return
    if not _is_inside(elf, section):
        raise ElfError(f"{section.name} does not lie where a loaded segment puts it")


def _check_zero_filled(elf: Elf, section: ElfSection) -> None:
    # Without bytes in the file the offset means nothing. Linkers write the one that
    # the address would have, strip the end of the segment's bytes: nothing else is
    # allowed, so that nothing can be kept there. Thread-local zeros (.tbss) occupy
    # no memory of the segment, so their end may lie behind it.
    for segment in elf.loaded:
        into = section.addr - segment.vaddr
        end = into if section.flags & SectionFlag.TLS else into + section.size
        fits = segment.filesz <= into and end <= segment.memsz
        if fits and section.offset in (segment.offset + into, segment.file_end):
            return
    raise ElfError(f"{section.name} does not lie where a loaded segment puts it")


def _check_gaps(elf: Elf) -> None:
    known = pieces(elf)
    end = 0
    for start, stop, name in known:
        if start - end >= _padding_before(elf, start):
            raise ElfError(f"there are more bytes before {name} than its alignment needs")
        _check_zero(elf, end, start, name)
        end = stop
    if end != len(elf.data):
        raise ElfError(f"{len(elf.data) - end} bytes follow {known[-1][2]}")


def _check_zero(elf: Elf, start: int, end: int, before: str) -> None:
    if elf.data.count(0, start, end) != end - start:
        raise ElfError(f"the padding before {before} is not zero")


def _padding_before(elf: Elf, start: int) -> int:
    """The bytes of padding that alignment can need in front of ``start``, plus one.

    Inside and at the start of a loaded segment that is its page: Go's linker reserves
    a page for the headers, and what it put there (upstream's section header table and,
    in Go 1.21, .shstrtab) is zero once a file is stripped. Behind the segments it is
    the section's own alignment, and the size of a word for the section header table.
    """
    for segment in elf.loaded:
        if segment.offset <= start < segment.file_end:
            return max(segment.align, 1)
    if start == elf.header.shoff:
        return elf.form.word
    aligns = [section.align for section in elf.sections if section.offset == start]
    return max([*aligns, 1])


def _check_others(elf: Elf, name: str, original: Elf | None) -> DebugLink | None:
    found: DebugLink | None = None
    end_of_loaded = max((segment.file_end for segment in elf.loaded), default=0)
    if elf.header.shoff < end_of_loaded:
        raise ElfError("its section header table is loaded")
    for section in elf.sections[1:]:
        if section.is_alloc:
            continue
        if section.offset < end_of_loaded:
            raise ElfError(f"{section.name} is loaded but not flagged as allocated")
        if section.name == DEBUG_LINK:
            found = _debug_link(elf, section, name)
        elif section.index != elf.header.shstrndx and not _is_kept(elf, section, original):
            raise ElfError(f"{section.name} does not belong in a stripped executable")
    return found


def _is_kept(elf: Elf, section: ElfSection, original: Elf | None) -> bool:
    other = original.section(section.name) if original is not None else None
    if original is None or other is None or other.is_alloc:
        return False
    same = elf.content(section) == original.content(other) and section.size == other.size
    return same and attributes(elf, section)[1:] == attributes(original, other)[1:]


def _debug_link(elf: Elf, section: ElfSection, name: str) -> DebugLink:
    content = elf.content(section)
    end = content.find(b"\0")
    size = (end + 1 + _CRC_SIZE - 1) // _CRC_SIZE * _CRC_SIZE + _CRC_SIZE
    if attributes(elf, section) != _DEBUG_LINK_HEADER or end < 0 or len(content) != size:
        raise ElfError(f"{DEBUG_LINK} is malformed")
    if any(content[end:-_CRC_SIZE]):
        raise ElfError(f"the padding of {DEBUG_LINK} is not zero")
    build_id = gnu_build_id(elf)
    allowed = {f"{name}.debug"}
    if build_id is not None:
        # Below .build-id/ the first byte is a directory (dh_strip, find-debuginfo).
        allowed.add(f"{build_id[1:].hex()}.debug")
    file_name = content[:end].decode("ascii", "replace")
    if file_name not in allowed:
        raise ElfError(f"{DEBUG_LINK} names neither the GNU build-id nor the file")
    order = "<I" if elf.form.little else ">I"
    (crc,) = struct.unpack(order, content[-_CRC_SIZE:])
    return DebugLink(file_name, crc)
