"""What a dynamically linked executable asks of the system: its interpreter and libraries.

Source: generic ABI, chapter 5, "Dynamic Section"; <elf.h> for DF_BIND_NOW and DF_1_NOW.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from samego.formats.executable.elf_values import Elf

_NEEDED, _BIND_NOW, _FLAGS, _FLAGS_1 = 1, 24, 30, 0x6FFFFFFB
_DF_BIND_NOW, _DF_1_NOW = 0x8, 0x1
_MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The interpreter (or nothing), the libraries by name, and whether all is bound at start."""

    interpreter: str
    needed: tuple[str, ...]
    bound_at_start: bool


def read_dynamic(elf: Elf) -> Dynamic:
    """What an executable asks for. Raises nothing: what is missing or malformed is left out."""
    interp = elf.section(".interp")
    interpreter = _text(elf.content(interp), 0) if interp is not None else ""
    section = elf.section(".dynamic")
    if section is None:
        return Dynamic(interpreter, (), bound_at_start=False)
    link = section.link
    strings = elf.content(elf.sections[link]) if link < len(elf.sections) else b""
    wide = elf.form.word == 8  # noqa: PLR2004 - bytes of an address
    layout = struct.Struct(("<" if elf.form.little else ">") + ("QQ" if wide else "II"))
    content = elf.content(section)[: layout.size * _MOST_ENTRIES]
    needed, bound = [], False
    for tag, value in layout.iter_unpack(content[: len(content) // layout.size * layout.size]):
        if tag == _NEEDED:
            needed.append(_text(strings, value))
        bound |= (
            tag == _BIND_NOW
            or (tag == _FLAGS and bool(value & _DF_BIND_NOW))
            or (tag == _FLAGS_1 and bool(value & _DF_1_NOW))
        )
    return Dynamic(interpreter, tuple(needed), bound)


def _text(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    return data[start : end if end >= 0 else len(data)].decode("ascii", "replace")
