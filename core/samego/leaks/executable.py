"""What one executable shows of how it was built."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from samego.formats.executable.buildinfo import read_other_build_info
from samego.formats.executable.elf import is_elf, parse
from samego.formats.executable.elf_dynamic import read_dynamic
from samego.formats.executable.elf_notes import notes
from samego.formats.executable.elf_values import Elf, ElfError, FileType, SectionFlag
from samego.formats.executable.pclntab import (
    RELOCATED_SECTION,
    FunctionTable,
    read_function_table,
)

#: A source that every program is compiled from, as it stands in the table of files: below
#: GOROOT/src, or alone where -trimpath was given.
_ALWAYS_IN = re.compile(rb"(?:^|\0)([^\0]*)/src/runtime/proc\.go\0")
#: NT_GO_BUILD_ID (cmd/link/internal/ld/elf.go, ELF_NOTE_GOBUILDID_TAG) and NT_GNU_BUILD_ID.
_GO_ID, _GNU_ID = (b"Go\0\0", 4), (b"GNU\0", 3)
#: What cmd/go gives the linker (cmd/go/internal/work/buildid.go): two or four hashes.
_BUILD_ID = re.compile(r"[\w-]{20}(/[\w-]{20}){1,3}")
_GNU_ID_SIZE = 20
_MAX_GOROOT = 4096


@dataclass(frozen=True, slots=True)
class ShownExecutable:
    """What it shows. Made by :func:`read_shown`.

    ``version`` and ``experiments`` are what it calls its Go, ``settings`` what its build
    information states, with ``path`` the main package's. ``goroot`` is where GOROOT lay, empty
    where -trimpath was given. ``build_id`` is Go's own, ``odd_build_id`` says that it is none that
    the go command makes; ``gnu_build_id`` is ``none``, ``of the Go build ID`` or its hex digits.
    ``rewritten`` says that another program than Go's linker wrote the file's section headers.
    """

    elf: Elf
    version: str
    experiments: str
    path: str
    settings: Mapping[str, str]
    functions: FunctionTable | None
    goroot: str
    build_id: str
    gnu_build_id: str
    interpreter: str
    needed: tuple[str, ...]
    bound_at_start: bool
    rewritten: bool

    @property
    def odd_build_id(self) -> bool:
        """Whether the Go build ID is none that the go command makes."""
        return _BUILD_ID.fullmatch(self.build_id) is None

    @property
    def sections(self) -> frozenset[str]:
        """The names of its sections."""
        return frozenset(section.name for section in self.elf.sections if section.name)

    @property
    def position_independent(self) -> bool:
        """Whether it can lie anywhere in memory."""
        return self.elf.header.type == FileType.DYN

    @property
    def compressed(self) -> bool:
        """Whether its debugging information is compressed."""
        return any(
            section.flags & SectionFlag.COMPRESSED
            for section in self.elf.sections
            if section.name.startswith(".debug_")
        )


def read_shown(data: bytes) -> ShownExecutable | None:
    """Read an executable of ELF form; None for what is no such file, or no Go program."""
    if not is_elf(data):
        return None
    try:
        elf = parse(data)
        found = {(note.name, note.type): note.descriptor for note in notes(elf)}
    except ElfError:
        return None
    info = read_other_build_info(elf)
    if info is None:
        return None
    functions = read_function_table(elf) or read_function_table(elf, RELOCATED_SECTION)
    dynamic = read_dynamic(elf)
    build_id = found.get(_GO_ID, b"").decode("ascii", "replace")
    return ShownExecutable(
        elf,
        info.release,
        info.experiments,
        info.path,
        MappingProxyType(dict(info.settings)),
        functions,
        _goroot(functions),
        build_id,
        _gnu_id(found.get(_GNU_ID), build_id),
        dynamic.interpreter,
        dynamic.needed,
        dynamic.bound_at_start,
        _rewritten(elf),
    )


def _goroot(functions: FunctionTable | None) -> str:
    match = _ALWAYS_IN.search(functions.files) if functions is not None else None
    if match is None or len(match[1]) > _MAX_GOROOT:
        return ""
    return match[1].decode("utf-8", "replace")


def _gnu_id(descriptor: bytes | None, build_id: str) -> str:
    """What the GNU build-id is.

    Go's linker hashes Go's build ID for it, in which the last part still repeats the first
    (ld/elf.go, addbuildinfo; cmd/go/internal/work/exec.go, link), and changes the first byte
    (cmd/internal/hash; which way depends on the release).
    """
    if descriptor is None:
        return "none"
    parts = build_id.split("/")
    linked = "/".join([*parts[:-1], parts[0]])
    for text in (linked, build_id):
        digest = hashlib.sha256(text.encode("ascii", "replace")).digest()
        if descriptor[1:] == digest[1:_GNU_ID_SIZE]:
            return "of the Go build ID"
    return descriptor.hex()


def _rewritten(elf: Elf) -> bool:
    """Whether the section headers lie behind everything that is loaded, as binutils puts them."""
    return bool(elf.loaded) and elf.header.shoff >= max(each.file_end for each in elf.loaded)
