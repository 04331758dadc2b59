"""A Go executable that holds nothing but what Go's linker and strip put there."""

from __future__ import annotations

from dataclasses import dataclass

from samego.formats.executable.buildinfo import BuildInfo, read_build_info
from samego.formats.executable.elf import is_elf, parse
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_values import Elf, ElfError, FileType, SegmentType
from samego.formats.executable.pclntab import FunctionTable, read_function_table

# What cmd/link writes into a program that it links alone (cmd/link/internal/ld/elf.go,
# asmbElf): such a program needs no interpreter and no libraries.
_STATIC_SEGMENTS = frozenset(
    {
        SegmentType.PHDR,
        SegmentType.NOTE,
        SegmentType.LOAD,
        SegmentType.TLS,
        SegmentType.GNU_STACK,
        SegmentType.MIPS_ABIFLAGS,
    }
)


@dataclass(frozen=True, slots=True)
class GoExecutable:
    """An executable with what the go command recorded in it."""

    elf: Elf
    info: BuildInfo
    functions: FunctionTable


def read_go_executable(data: bytes) -> GoExecutable | None:
    """Read a statically linked Go executable of ELF form.

    Returns None for anything else, and where a table is missing or not understood.
    """
    if not is_elf(data):
        return None
    try:
        elf = parse(data)
    except ElfError:
        return None
    info, functions = read_build_info(elf), read_function_table(elf)
    if info is None or functions is None or elf.header.type not in (FileType.EXEC, FileType.DYN):
        return None
    if any(segment.type not in _STATIC_SEGMENTS for segment in elf.segments):
        return None
    return GoExecutable(elf, info, functions)


def hides_nothing(executable: GoExecutable, name: str, original: Elf | None) -> bool:
    """Whether every byte of a stripped executable called ``name`` is accounted for.

    ``original`` is the file that it would have been stripped from, if there is one.
    """
    try:
        check_nothing_hidden(executable.elf, name, original)
    except ElfError:
        return False
    return True
