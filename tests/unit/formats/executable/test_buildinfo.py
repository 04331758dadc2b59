from __future__ import annotations

import pytest

from samego.formats.executable.buildinfo import read_build_info
from samego.formats.executable.elf import parse
from support.elf_edit import set_content, set_section
from support.elf_files import EVERY_FORM, Program, stripped_file


@pytest.mark.parametrize("program", EVERY_FORM.values(), ids=EVERY_FORM.keys())
def test_reads_what_go_wrote(program: Program) -> None:
    info = read_build_info(parse(stripped_file(program)))
    assert info is not None
    assert (info.release, info.experiments, info.path) == ("go1.24.4", "", "cmd/nm")
    assert info.modules == ()
    assert info.settings == {"-compiler": "gc", "GOARCH": "amd64", "GOOS": "linux"}


@pytest.mark.parametrize("version", ["go1.26.5-X:nodwarf5", "go1.26.5 X:nodwarf5"])
def test_experiments_stand_behind_the_release(version: str) -> None:
    info = read_build_info(parse(stripped_file(Program(release=version))))
    assert info is not None
    assert (info.release, info.experiments) == ("go1.26.5", "nodwarf5")


def test_modules_are_kept_as_lines() -> None:
    # The helper writes settings one a line, so a value can carry further lines.
    settings = {"GOOS": "linux\nmod\texample.org/a\tv1.0.0\th1:x=\ndep\texample.org/b\tv1.1.0"}
    info = read_build_info(parse(stripped_file(Program(settings=settings))))
    assert info is not None
    assert info.modules == ("mod\texample.org/a\tv1.0.0\th1:x=", "dep\texample.org/b\tv1.1.0")


@pytest.mark.parametrize(
    ("offset", "content"),
    [
        pytest.param(0, b"x", id="magic"),
        pytest.param(15, b"\0", id="pointers"),
        pytest.param(15, b"\3", id="byte order"),
        pytest.param(20, b"x", id="unused header"),
        pytest.param(32, b"\xff" * 11, id="varint too long"),
        pytest.param(32, b"\xff\xff\xff\xff\x0f", id="string too long"),
        pytest.param(32, b"\x7f", id="strings out of step"),
        pytest.param(33, b"ga1", id="no release"),
        pytest.param(45, b"x", id="start mark"),
        pytest.param(-1, b"x", id="behind the strings"),
    ],
)
def test_does_not_understand_anything_else(offset: int, content: bytes) -> None:
    data = set_content(stripped_file(Program()), ".go.buildinfo", offset, content)
    assert read_build_info(parse(data)) is None


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"A": "1\nnonsense"}, id="no tab"),
        pytest.param({"A": "1\nsecret\tx"}, id="unknown key"),
        pytest.param({"A": "1\nbuild\tA=2"}, id="setting twice"),
        pytest.param({"A": "1\nbuild\tB"}, id="setting without value"),
        pytest.param({"A": "1\npath\tcmd/x"}, id="path twice"),
    ],
)
def test_does_not_understand_other_lines(settings: dict[str, str]) -> None:
    assert read_build_info(parse(stripped_file(Program(settings=settings)))) is None


def test_a_file_without_the_section_has_none() -> None:
    data = stripped_file(Program())
    assert read_build_info(parse(set_section(data, ".go.buildinfo", "size", 10))) is None
    renamed = set_content(data, ".shstrtab", data_name(data), b".xx")
    assert read_build_info(parse(renamed)) is None


def data_name(data: bytes) -> int:
    section = parse(data).section(".go.buildinfo")
    assert section is not None
    return section.name_offset


def test_no_path_is_not_understood() -> None:
    assert read_build_info(parse(stripped_file(Program(path="")))) is None
