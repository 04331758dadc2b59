"""Single changes to ELF files of 64 bits, little endian, by the names of their fields."""

from __future__ import annotations

import struct

from samego.formats.executable.elf import parse

#: Field name to (offset in the structure, struct format).
HEADER = {
    "version": (6, "B"),
    "padding": (12, "B"),
    "type": (16, "H"),
    "version2": (20, "I"),
    "entry": (24, "Q"),
    "phoff": (32, "Q"),
    "shoff": (40, "Q"),
    "flags": (48, "I"),
    "ehsize": (52, "H"),
    "phentsize": (54, "H"),
    "phnum": (56, "H"),
    "shentsize": (58, "H"),
    "shnum": (60, "H"),
    "shstrndx": (62, "H"),
}
SEGMENT = {
    "type": (0, "I"),
    "flags": (4, "I"),
    "offset": (8, "Q"),
    "vaddr": (16, "Q"),
    "paddr": (24, "Q"),
    "filesz": (32, "Q"),
    "memsz": (40, "Q"),
    "align": (48, "Q"),
}
SECTION = {
    "name": (0, "I"),
    "type": (4, "I"),
    "flags": (8, "Q"),
    "addr": (16, "Q"),
    "offset": (24, "Q"),
    "size": (32, "Q"),
    "link": (40, "I"),
    "info": (44, "I"),
    "align": (48, "Q"),
    "entsize": (56, "Q"),
}


def set_header(data: bytes, field: str, value: int) -> bytes:
    """Set a field of the ELF header."""
    return _set(data, 0, HEADER[field], value)


def set_segment(data: bytes, number: int, field: str, value: int) -> bytes:
    """Set a field of a program header."""
    return _set(data, parse(data).header.phoff + 56 * number, SEGMENT[field], value)


def set_section(data: bytes, name: str, field: str, value: int) -> bytes:
    """Set a field of the header of the section with this name; empty for the first."""
    elf = parse(data)
    index = next(section.index for section in elf.sections if section.name == name)
    return _set(data, elf.header.shoff + 64 * index, SECTION[field], value)


def set_bytes(data: bytes, offset: int, content: bytes) -> bytes:
    """Overwrite bytes; a negative offset counts from the end."""
    start = offset % len(data)
    return data[:start] + content + data[start + len(content) :]


def set_content(data: bytes, name: str, offset: int, content: bytes) -> bytes:
    """Overwrite bytes of a section; a negative offset counts from its end."""
    section = parse(data).section(name)
    assert section is not None
    return set_bytes(data, section.offset + offset % section.size, content)


def _set(data: bytes, start: int, field: tuple[int, str], value: int) -> bytes:
    offset, layout = field
    return set_bytes(data, start + offset, struct.pack("<" + layout, value))
