"""The rule ``elf_stripped``: the distro's executable is upstream's without its symbol table.

Claim: both load the same bytes to the same addresses with the same rights and start
at the same place, so they are the same program. What strip(1) may change, and
everything else is refused:

* the section header table, and the three fields of the ELF header that point at it;
* sections that are not loaded: upstream's may go; the distro's are .shstrtab,
  .gnu_debuglink or upstream's own, unchanged (see :mod:`samego.formats.executable.elf_layout`);
* ``p_filesz`` of the last loaded segment, which strip ends with its last section's
  last byte where Go's linker rounds up: the bytes cut off are zero, as memory is there;
* what lay inside a loaded segment and described only the file (upstream's section
  headers and section names), which is zero in the distro's file.

Limits: the four CRC bytes of .gnu_debuglink are of a separate debug file.
A debugger reads them, the program does not. A program that reads its own executable
file can tell the two apart, and one that examined its own section headers in memory could;
Go's runtime does neither.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace

from samego.formats.executable.elf import is_elf, parse
from samego.formats.executable.elf_image import image_digest, same_memory
from samego.formats.executable.elf_layout import DEBUG_LINK, check_nothing_hidden
from samego.formats.executable.elf_values import Elf, ElfError, SectionType, attributes
from samego.model.causes.proofs import Stripped
from samego.model.inputs import Context
from samego.model.proof import Detail, Proof, Standing
from samego.rules.interface import Blob

NAME = "elf_stripped"


def prove_stripped(distro: bytes, upstream: bytes, name: str) -> Proof | None:
    """Prove that ``distro`` is ``upstream`` stripped; ``name`` is the file's base name."""
    if not (is_elf(distro) and is_elf(upstream)):
        return None
    try:
        ours, theirs = parse(distro), parse(upstream)
        if not _same_program(ours, theirs):
            return None
        link = check_nothing_hidden(ours, name, theirs)
    except ElfError:
        return None
    dropped = _outside(theirs) - _outside(ours)
    added = _outside(ours) - _outside(theirs)
    details: dict[str, Detail] = {
        "digest_of": "the loaded segments (address, size in memory, flags, bytes)",
        "loaded_bytes": sum(segment.filesz for segment in ours.loaded),
        "loaded_sections": len(ours.alloc_sections),
        "dropped_sections": tuple(sorted(dropped)),
        "added_sections": tuple(sorted(added)),
    }
    if link is not None:
        details["debug_link"] = link.file_name
        details["not_verified"] = f"the CRC in {DEBUG_LINK} (of a debug file, never loaded)"
    return Proof(
        rule=NAME,
        standing=Standing.EQUIVALENT,
        causes=(Stripped(symbols=bool(dropped)),),
        digest=image_digest(ours),
        details=details,
    )


class ElfStripped:
    """The rule, for the files of two trees."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:  # noqa: ARG002 - the rules' common signature
        """Prove the difference between two files, or return None."""
        return prove_stripped(distro.read(), upstream.read(), posixpath.basename(distro.path))


def _same_program(ours: Elf, theirs: Elf) -> bool:
    return (
        _same_header(ours, theirs)
        and _same_segments(ours, theirs)
        and _same_loaded_sections(ours, theirs)
        and same_memory(ours, theirs)
    )


def _same_header(ours: Elf, theirs: Elf) -> bool:
    # Equal identifications make the forms equal, and with them every other size.
    header = replace(
        theirs.header,
        shoff=ours.header.shoff,
        shnum=ours.header.shnum,
        shstrndx=ours.header.shstrndx,
    )
    return ours.header == header


def _same_segments(ours: Elf, theirs: Elf) -> bool:
    if len(ours.segments) != len(theirs.segments) or not theirs.loaded:
        return False
    last = theirs.loaded[-1]
    for mine, other in zip(ours.segments, theirs.segments, strict=True):
        if mine == other:
            continue
        if other is not last or mine.filesz > other.filesz or mine.filesz != _used(ours, mine):
            return False
        if replace(mine, filesz=other.filesz) != other:
            return False
    return True


def _used(elf: Elf, segment: object) -> int:
    """The bytes of the last loaded segment up to its last section's last byte."""
    last = elf.loaded[-1]
    if segment is not last:
        return -1
    ends = [section.file_end for section in elf.alloc_sections if section.has_bytes]
    return max(ends, default=last.offset) - last.offset


def _same_loaded_sections(ours: Elf, theirs: Elf) -> bool:
    return _loaded_sections(ours) == _loaded_sections(theirs)


def _loaded_sections(elf: Elf) -> list[tuple[object, ...]]:
    """The headers of the loaded sections; one without bytes has its own offset."""
    return [
        (
            attributes(elf, section),
            section.size,
            None if section.type == SectionType.NOBITS else section.offset,
        )
        for section in elf.alloc_sections
    ]


def _outside(elf: Elf) -> set[str]:
    return {section.name for section in elf.sections[1:] if not section.is_alloc}
