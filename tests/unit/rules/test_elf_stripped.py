from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from samego.formats.executable.elf import parse
from samego.model.proof import Proof, Standing
from samego.rules.elf_stripped import ElfStripped, prove_stripped
from samego.rules.interface import Blob
from support.archives import memory_tree
from support.contexts import context
from support.elf_edit import set_bytes, set_content, set_header, set_section, set_segment
from support.elf_files import EVERY_FORM, PAGE, Program, stripped_file, upstream_file
from support.words import cause_of

FIXTURES = Path(__file__).parents[3] / "fixtures" / "elf"
Edit = Callable[[bytes], bytes]


def prove(distro: bytes, upstream: bytes) -> Proof | None:
    return prove_stripped(distro, upstream, "nm")


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_stripped_is_equivalent(program: Program) -> None:
    proof = prove(stripped_file(program, debug_link=None), upstream_file(program))
    assert proof is not None
    assert proof.standing is Standing.EQUIVALENT
    assert proof.details["dropped_sections"] == (".strtab", ".symtab")
    assert proof.details["added_sections"] == ()
    assert "not_verified" not in proof.details
    assert len(proof.digest) == 64


def test_a_debug_link_is_told() -> None:
    proof = prove(stripped_file(Program()), upstream_file(Program()))
    assert proof is not None
    assert proof.details["added_sections"] == (".gnu_debuglink",)
    assert proof.details["debug_link"] == "0102030405060708090a0b0c0d0e0f10111213.debug"
    assert "CRC" in str(proof.details["not_verified"])


@pytest.mark.parametrize("name", ["tiny.stripped", "tiny.linked"])
def test_what_gnu_strip_makes_is_equivalent(name: str) -> None:
    distro, upstream = ((FIXTURES / file).read_bytes() for file in (name, "tiny"))
    proof = prove(distro, upstream)
    assert proof is not None
    assert cause_of(proof) == "stripped of its symbol table"


def test_reads_the_files_of_two_trees() -> None:
    files = {"bin/nm": stripped_file(Program(), debug_link="nm.debug")}
    upstream = {"bin/nm": upstream_file(Program())}
    ours, theirs = (Blob("bin/nm", memory_tree(tree)) for tree in (files, upstream))
    proof = ElfStripped().prove(ours, theirs, context({}, {}))
    assert proof is not None
    assert proof.rule == ElfStripped.name


def _interesting(data: bytes) -> Iterator[int]:
    """Every byte of what means something, and the ends and samples of padding."""
    for offset, byte in enumerate(data):
        near = data[max(0, offset - 2) : offset + 3]
        if byte or any(near) or offset % 61 == 0:
            yield offset


def test_every_byte_matters_but_the_debug_links_crc() -> None:
    distro, upstream = stripped_file(Program()), upstream_file(Program())
    link = parse(distro).section(".gnu_debuglink")
    assert link is not None
    free = {
        offset
        for offset in _interesting(distro)
        if prove(set_bytes(distro, offset, bytes([distro[offset] ^ 0x41])), upstream)
    }
    assert free == set(range(link.file_end - 4, link.file_end))


REFUSED: dict[str, Edit] = {
    "a byte behind the last section": lambda d: d + b"\0",
    "a byte cut off": lambda d: d[:-1],
    "a byte inserted into padding": lambda d: d[:0x400] + b"\0" + d[0x400:],
    "a byte taken from padding": lambda d: d[:0x400] + d[0x401:],
    "padding behind the code": lambda d: set_bytes(d, PAGE + 90, b"\xcc"),
    "padding behind the constants": lambda d: set_bytes(d, 2 * PAGE + 60, b"x"),
    "where upstream's section headers were": lambda d: set_bytes(d, 500, b"x"),
    "a note": lambda d: set_content(d, ".note.go.buildid", -2, b"x"),
    "code": lambda d: set_content(d, ".text", 3, b"\xcc"),
    "data": lambda d: set_content(d, ".data", -1, b"x"),
    "entry": lambda d: set_header(d, "entry", 0x10801),
    "header flags": lambda d: set_header(d, "flags", 1),
    "identification": lambda d: set_header(d, "padding", 1),
    "kind of file": lambda d: set_header(d, "type", 3),
    "stack rights": lambda d: set_segment(d, 5, "flags", 7),
    "data rights": lambda d: set_segment(d, 4, "flags", 7),
    "physical address": lambda d: set_segment(d, 4, "paddr", 0),
    "another kind of segment": lambda d: set_segment(d, 1, "type", 3),
    "memory": lambda d: set_segment(d, 4, "memsz", 0x1000),
    "fewer bytes loaded": lambda d: set_segment(d, 4, "filesz", parse(d).segments[4].filesz - 1),
    "more bytes loaded": lambda d: set_segment(d, 4, "filesz", parse(d).segments[4].filesz + 1),
    "fewer constants loaded": lambda d: set_segment(
        d, 3, "filesz", parse(d).segments[3].filesz - 1
    ),
    "a section's rights": lambda d: set_section(d, ".data", "flags", 7),
    "a section's size": lambda d: set_section(d, ".data", "size", 33),
    "a section's alignment": lambda d: set_section(d, ".data", "align", 16),
    "a section's kind": lambda d: set_section(d, ".rodata", "type", 7),
    "a section's link": lambda d: set_section(d, ".rodata", "link", 2),
    "zeros' offset": lambda d: set_section(d, ".bss", "offset", 0x10),
    "the debug link's name": lambda d: set_content(d, ".gnu_debuglink", 3, b"f"),
    "the debug link's padding": lambda d: set_content(d, ".gnu_debuglink", -5, b"f"),
    "a section's name": lambda d: set_content(d, ".shstrtab", -3, b"z"),
    "no ELF file": lambda _: b"#!/bin/sh\n",
    "truncated": lambda d: d[:3000],
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("edit", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(edit: Edit) -> None:
    distro = stripped_file(Program())
    assert edit(distro) != distro
    assert prove(edit(distro), upstream_file(Program())) is None


def test_refuses_a_broken_upstream() -> None:
    assert prove(stripped_file(Program()), upstream_file(Program())[:4000]) is None
    assert prove(stripped_file(Program()), b"") is None


def test_refuses_what_is_not_zero_in_upstreams_cut_bytes() -> None:
    upstream = upstream_file(Program())
    end = parse(upstream).loaded[-1].file_end
    assert prove(stripped_file(Program()), set_bytes(upstream, end - 1, b"x")) is None


def test_refuses_a_segment_that_takes_more_of_the_file_than_upstreams() -> None:
    """Even zeros: strip only shortens."""
    distro, upstream = stripped_file(Program()), upstream_file(Program())
    segment = parse(distro).loaded[-1]
    last = segment.file_end - 4
    distro, upstream = (set_bytes(data, last, bytes(4)) for data in (distro, upstream))
    assert prove(distro, upstream) is not None
    shorter = set_segment(upstream, 4, "filesz", segment.filesz - 4)
    assert prove(distro, shorter) is None


def test_refuses_a_segment_that_ends_behind_its_last_section() -> None:
    """Even where only padding follows, and less than upstream's: strip ends at that section."""
    distro, upstream = stripped_file(Program(), debug_link="nm.debug"), upstream_file(Program())
    last = parse(distro).loaded[-1]
    assert last.filesz + 1 < parse(upstream).loaded[-1].filesz
    longer = set_segment(distro, 4, "filesz", last.filesz + 1)
    longer = set_section(longer, ".bss", "offset", last.file_end + 1)
    assert prove(distro, upstream) is not None
    assert prove(longer, upstream) is None


def test_refuses_another_program() -> None:
    other = Program(rodata=b"softfloat of other constants")
    assert prove(stripped_file(other), upstream_file(Program())) is None
    assert prove(stripped_file(Program(bits=32)), upstream_file(Program())) is None
    assert prove(stripped_file(Program(little=False)), upstream_file(Program())) is None


def test_refuses_a_file_that_loads_nothing() -> None:
    distro, upstream = stripped_file(Program()), upstream_file(Program())
    for number in (2, 3, 4):
        distro = set_segment(distro, number, "type", 0)
        upstream = set_segment(upstream, number, "type", 0)
    assert prove(distro, upstream) is None


def test_a_section_that_upstream_has_may_stay() -> None:
    kept = upstream_with_attributes()
    assert prove(kept, kept) is not None
    assert prove(set_content(kept, ".gnu_attribute", 0, b"Z"), kept) is None
    assert prove(set_section(kept, ".gnu_attribute", "info", 1), kept) is None
    assert prove(kept, stripped_file(Program())) is None


def upstream_with_attributes() -> bytes:
    """A file with one more section outside memory, which strip leaves alone."""
    data = stripped_file(Program())
    # The debug link under another name is a section like .gnu.attributes or .comment.
    section = parse(data).section(".gnu_debuglink")
    assert section is not None
    names = parse(data).section(".shstrtab")
    assert names is not None
    return set_bytes(data, names.offset + section.name_offset, b".gnu_attribute")
