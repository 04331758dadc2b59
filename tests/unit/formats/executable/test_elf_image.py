from __future__ import annotations

import hashlib

import pytest

from samego.formats.executable.elf import parse
from samego.formats.executable.elf_image import image_digest, same_memory, segment_image
from support.elf_edit import set_content, set_segment
from support.elf_files import EVERY_FORM, PAGE, Program, stripped_file, upstream_file


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_stripping_leaves_the_image(program: Program) -> None:
    ours, theirs = parse(stripped_file(program)), parse(upstream_file(program))
    assert same_memory(ours, theirs)
    assert image_digest(ours) == image_digest(theirs)


def test_the_digest_is_what_its_description_says() -> None:
    elf = parse(stripped_file(Program()))
    data = bytearray(elf.data)
    data[40:48] = bytes(8)  # e_shoff
    data[60:64] = bytes(4)  # e_shnum and e_shstrndx
    data[64 + 4 * 56 + 32 : 64 + 4 * 56 + 40] = bytes(8)  # p_filesz of the last one loaded
    digest = hashlib.sha256()
    for segment in elf.loaded:
        for value in (segment.vaddr, segment.memsz, segment.flags):
            digest.update(value.to_bytes(8, "big"))
        digest.update(bytes(data[segment.offset : segment.file_end]).rstrip(b"\0"))
    assert image_digest(elf) == digest.hexdigest()


def test_the_image_of_a_segment_without_descriptions_is_its_bytes() -> None:
    elf = parse(upstream_file(Program()))
    last = elf.loaded[-1]
    assert segment_image(elf, last) == elf.data[last.offset : last.file_end]
    middle = segment_image(elf, elf.loaded[1])
    names = elf.section(".shstrtab")
    assert names is not None
    start = names.offset - 2 * PAGE
    assert middle[start : start + names.size] == bytes(names.size)


def test_a_changed_byte_is_another_image() -> None:
    data = stripped_file(Program())
    elf, other = parse(data), parse(set_content(data, ".data", -1, b"!"))
    assert not same_memory(elf, other)
    assert image_digest(elf) != image_digest(other)


def test_bytes_behind_a_shorter_segment_must_be_zero() -> None:
    data = stripped_file(Program())
    elf = parse(data)
    shorter = parse(set_segment(data, 4, "filesz", elf.loaded[-1].filesz - 1))
    assert not same_memory(shorter, elf)
    assert not same_memory(elf, shorter)


def test_rights_are_part_of_the_digest() -> None:
    data = stripped_file(Program())
    assert image_digest(parse(data)) != image_digest(parse(set_segment(data, 4, "flags", 7)))


def test_nothing_loaded_has_a_digest_too() -> None:
    data = stripped_file(Program())
    for number in (2, 3, 4):
        data = set_segment(data, number, "type", 0)
    assert image_digest(parse(data)) == hashlib.sha256().hexdigest()
    assert segment_image(parse(data), parse(data).segments[1])
