from __future__ import annotations

import struct

import pytest

from samego.formats.executable.elf import parse
from samego.formats.executable.pclntab import FunctionTable, read_function_table, symbol_prefix
from support.elf_edit import set_content, set_section
from support.elf_files import BASE, EVERY_FORM, PAGE, Program, stripped_file

TEXT = BASE + PAGE


def table_of(data: bytes) -> FunctionTable | None:
    return read_function_table(parse(data))


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_names_the_function_of_an_address(program: Program) -> None:
    table = table_of(stripped_file(program))
    assert table is not None
    expected = {
        TEXT - 1: None,
        TEXT: "internal/buildcfg.init",
        TEXT + 15: "internal/buildcfg.init",
        TEXT + 16: "main.main",
        TEXT + 48: "runtime.(*mheap).alloc",
        TEXT + 71: "slices.Sort[go.shape.[]cmd/x.T]",
        TEXT + 79: "type:.eq.cmd/y.T",
        TEXT + 80: None,
        0: None,
        1 << 63: None,
    }
    assert {address: table.function_at(address) for address in expected} == expected


def test_lists_packages() -> None:
    table = table_of(stripped_file(Program()))
    assert table is not None
    assert table.packages() == {"internal/buildcfg", "main", "runtime", "slices"}
    assert table.has_package("internal/buildcfg")
    assert table.has_package("slices")
    # Neither a part of a path, nor a type argument, nor what the compiler makes.
    for path in ("buildcfg", "internal", "cmd/x", "cmd/y", "go"):
        assert not table.has_package(path)


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("internal/buildcfg", "internal/buildcfg"),
        ("golang.org/x/tools", "golang.org/x/tools"),
        ("gopkg.in/yaml.v3", "gopkg.in/yaml%2ev3"),
        ("main", "main"),
        ('a b/"c%', "a%20b/%22c%25"),
        ("é", "%c3%a9"),
    ],
)
def test_spells_packages_as_symbols_do(path: str, prefix: str) -> None:
    assert symbol_prefix(path) == prefix


def test_no_functions_hold_no_address() -> None:
    table = table_of(stripped_file(Program(functions=())))
    assert table is not None
    assert table.function_at(TEXT) is None
    assert table.packages() == frozenset()


@pytest.mark.parametrize(
    ("offset", "content"),
    [
        pytest.param(0, b"\xfb\xff\xff\xff", id="Go 1.2's form"),
        pytest.param(4, b"x", id="zeros"),
        pytest.param(6, b"\3", id="quantum"),
        pytest.param(7, b"\4", id="size of an address"),
        pytest.param(8, b"\xff" * 8, id="count"),
        pytest.param(32, b"\xff" * 8, id="names"),
        pytest.param(32, b"\0", id="names in the header"),
        pytest.param(40, b"\0" * 8, id="units before names"),
        pytest.param(64, b"\xff" * 8, id="functions"),
    ],
)
def test_does_not_understand_anything_else(offset: int, content: bytes) -> None:
    assert table_of(set_content(stripped_file(Program()), ".gopclntab", offset, content)) is None


def test_a_short_table_is_not_understood() -> None:
    assert table_of(set_section(stripped_file(Program()), ".gopclntab", "size", 20)) is None


def test_the_start_of_the_text_may_be_given() -> None:
    data = set_content(stripped_file(Program()), ".gopclntab", 24, struct.pack("<Q", TEXT + 0x1000))
    table = table_of(data)
    assert table is not None
    assert table.function_at(TEXT + 0x1000) == "internal/buildcfg.init"


@pytest.mark.parametrize(
    ("row", "value"),
    [
        pytest.param(4, 0xFFFFFFFF, id="data outside"),
        pytest.param(None, 0xFFFFFFF0, id="name outside"),
    ],
)
def test_a_lying_row_names_nothing(row: int | None, value: int) -> None:
    data = stripped_file(Program())
    elf = parse(data)
    section = elf.section(".gopclntab")
    assert section is not None
    (functions,) = struct.unpack_from("<Q", elf.content(section), 64)
    where = functions + (row if row is not None else 8 * 5 + 4 + 4)
    table = table_of(set_content(data, ".gopclntab", where, struct.pack("<I", value)))
    assert table is not None
    assert table.function_at(TEXT) is None
