from __future__ import annotations

from pathlib import Path

import pytest

from samego.formats.executable.elf import parse
from samego.formats.executable.elf_notes import gnu_build_id, notes
from samego.formats.executable.elf_values import ElfError
from support.elf_edit import set_content, set_section
from support.elf_files import EVERY_FORM, Program, build_id, stripped_file

TINY = Path(__file__).parents[4] / "fixtures" / "elf" / "tiny"


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_reads_the_id(program: Program) -> None:
    elf = parse(stripped_file(program))
    assert gnu_build_id(elf) == build_id()
    assert [note.type for note in notes(elf)] == [4, 3]


def test_reads_a_c_programs_id() -> None:
    elf = parse(TINY.read_bytes())
    found = gnu_build_id(elf)
    assert found is not None
    assert found.hex() == "68b188034b01c68d26a369a027905eb13f2c5bc6"


@pytest.mark.parametrize("offset", [0, 4], ids=["name", "descriptor"])
def test_refuses_sizes_beyond_the_section(offset: int) -> None:
    data = set_content(stripped_file(Program()), ".note.go.buildid", offset, b"\xff\xff\xff\xff")
    with pytest.raises(ElfError, match="truncated"):
        gnu_build_id(parse(data))


def test_refuses_a_head_that_is_cut() -> None:
    data = set_section(stripped_file(Program()), ".note.go.buildid", "size", 8)
    with pytest.raises(ElfError, match="truncated"):
        list(notes(parse(data)))
