"""Notes in ELF files, and the GNU build-id among them.

A note is three words (sizes of name and descriptor, type), then name and descriptor,
each padded to four bytes (generic ABI, "Note Section").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from samego.formats.executable.elf_values import Elf, ElfError, SectionType

_GNU_BUILD_ID = (b"GNU\0", 3)  # NT_GNU_BUILD_ID of <elf.h>
_PADDING = 4


@dataclass(frozen=True, slots=True)
class ElfNote:
    """One note; ``name`` with the zero bytes that end it."""

    name: bytes
    type: int
    descriptor: bytes


def notes(elf: Elf) -> Iterator[ElfNote]:
    """All notes of the sections of type NOTE. Raises ElfError for a malformed one."""
    head = struct.Struct("<III" if elf.form.little else ">III")
    for section in elf.sections:
        if section.type != SectionType.NOTE:
            continue
        content, position = elf.content(section), 0
        while position < len(content):
            if position + head.size > len(content):
                raise ElfError(f"a note in {section.name} is truncated")
            name_size, size, kind = head.unpack_from(content, position)
            position += head.size
            middle = position + _padded(name_size)
            end = middle + _padded(size)
            if end > len(content):
                raise ElfError(f"a note in {section.name} is truncated")
            name = content[position : position + name_size]
            yield ElfNote(name, kind, content[middle : middle + size])
            position = end


def gnu_build_id(elf: Elf) -> bytes | None:
    """The GNU build-id, or None. Raises ElfError for malformed notes."""
    return next(
        (note.descriptor for note in notes(elf) if (note.name, note.type) == _GNU_BUILD_ID), None
    )


def _padded(size: int) -> int:
    return (size + _PADDING - 1) // _PADDING * _PADDING
