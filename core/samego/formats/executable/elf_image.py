"""What a program has in memory when it starts: the bytes of its loaded segments.

The kernel maps segments by the program headers alone (execve(2), Linux
fs/binfmt_elf.c); sections are only a view of the file. Go's linker puts things into
the first segments that describe the file and not the program: the section header
table and, in some releases, the table of section names. These, the three fields of
the ELF header that point at them, and ``p_filesz`` of the last loaded segment, are
zero in the images here, because stripping changes them. A caller that compares images
compares those fields by their meaning.
"""

from __future__ import annotations

import hashlib

from samego.formats.executable.elf_values import Elf, Segment


def segment_image(elf: Elf, segment: Segment) -> bytes:
    """A segment's bytes in the file, with what only describes the file set to zero.

    Behind them memory is zero up to ``segment.memsz``.
    """
    image = elf.data[segment.offset : segment.file_end]
    inside = [
        (max(start, segment.offset), min(end, segment.file_end))
        for start, end in _descriptions(elf)
        if start < segment.file_end and end > segment.offset
    ]
    if not inside:
        return image
    blanked = bytearray(image)
    for start, end in inside:
        blanked[start - segment.offset : end - segment.offset] = bytes(end - start)
    return bytes(blanked)


def same_memory(first: Elf, second: Elf) -> bool:
    """Whether both put the same bytes at the same addresses.

    The tables of program headers are compared by the caller; segments are taken in
    their order, and one may be shorter in the file by zeros, which memory holds
    there anyway.
    """
    for one, other in zip(first.segments, second.segments, strict=True):
        image, wanted = segment_image(first, one), segment_image(second, other)
        size = min(len(image), len(wanted))
        if any(image[size:]) or any(wanted[size:]):
            return False
        if image[:size] != wanted[:size]:
            return False
    return True


def image_digest(elf: Elf) -> str:
    """The sha256 of the loaded image, in hex: equal for files that load the same.

    It is taken over each loaded segment in order: address, size in memory and flags
    as 8-byte big-endian numbers, then the image without its trailing zeros.
    """
    digest = hashlib.sha256()
    for segment in elf.loaded:
        for value in (segment.vaddr, segment.memsz, segment.flags):
            digest.update(value.to_bytes(8, "big"))
        digest.update(segment_image(elf, segment).rstrip(b"\0"))
    return digest.hexdigest()


def _descriptions(elf: Elf) -> list[tuple[int, int]]:
    """The file ranges that stripping changes and no program is made of."""
    ranges = [*elf.form.section_fields, elf.section_table]
    start, end = elf.form.filesz_field
    last = elf.loaded[-1] if elf.loaded else None
    for number, segment in enumerate(elf.segments):
        if segment is last:
            entry = elf.header.phoff + number * elf.form.segment.size
            ranges.append((entry + start, entry + end))
    ranges += [
        (section.offset, section.file_end)
        for section in elf.sections
        if section.has_bytes and not section.is_alloc
    ]
    return ranges
