"""Places in an ELF file where a careless comparison does not look (ELF-64, gABI)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from elftools.elf.elffile import ELFFile


@dataclass(frozen=True, slots=True)
class Spots:
    """File offsets of one byte each.

    ``padding`` lies between the last loaded section and the next one, ``loaded_padding``
    behind the code but in the pages that are loaded with it, ``note`` in the Go build ID,
    ``section_header`` in the flags of the text section's header, ``header`` in the
    identification's unused end, ``program_flags`` in the flags of the first loaded
    segment, ``text`` in the code.
    """

    padding: int
    loaded_padding: int
    note: int
    section_header: int
    header: int
    program_flags: int
    text: int


def spots(data: bytes) -> Spots:
    """Find the places. Raises LookupError when the file has no such place."""
    elf = ELFFile(io.BytesIO(data))
    sections = [section for section in elf.iter_sections() if section["sh_type"] != "SHT_NOBITS"]
    used = [
        (section["sh_offset"], section["sh_offset"] + section["sh_size"]) for section in sections
    ]
    tables = [
        (elf["e_phoff"], elf["e_phoff"] + elf["e_phnum"] * elf["e_phentsize"]),
        (elf["e_shoff"], elf["e_shoff"] + elf["e_shnum"] * elf["e_shentsize"]),
    ]
    end = 0
    padding = 0
    for start, stop in sorted(used + tables):
        if start > end > elf["e_ehsize"]:
            padding = end
        end = max(end, stop)
    index = next(n for n, section in enumerate(elf.iter_sections()) if section.name == ".text")
    text = elf.get_section(index)
    note = elf.get_section_by_name(".note.go.buildid")
    load = next(
        n for n, segment in enumerate(elf.iter_segments()) if segment["p_type"] == "PT_LOAD"
    )
    if not padding or note is None:
        raise LookupError("no padding or no Go build ID")
    return Spots(
        padding=padding,
        loaded_padding=text["sh_offset"] + text["sh_size"] + 1,
        note=note["sh_offset"] + 20,
        section_header=elf["e_shoff"] + index * elf["e_shentsize"] + 8,
        header=15,
        program_flags=elf["e_phoff"] + load * elf["e_phentsize"] + 4,
        text=text["sh_offset"] + text["sh_size"] // 2,
    )


def section_end(data: bytes, name: str) -> int:
    """The offset of a section's last byte."""
    section = ELFFile(io.BytesIO(data)).get_section_by_name(name)
    if section is None:
        raise LookupError(name)
    offset: int = section["sh_offset"] + section["sh_size"] - 1
    return offset


def rename_section(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one section's name changed to another of the same length."""
    assert len(old) == len(new)
    table = struct.unpack_from("<H", data, 0x3E)[0]
    start = ELFFile(io.BytesIO(data)).get_section(table)["sh_offset"]
    position = data.index(old + b"\0", start)
    return data[:position] + new + data[position + len(new) :]
