"""Whatever the bytes: the readers and rules answer, and no change passes as stripping."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.compare import where_elf
from samego.formats.executable.buildinfo import read_build_info
from samego.formats.executable.elf import parse
from samego.formats.executable.elf_image import image_digest, segment_image
from samego.formats.executable.elf_layout import check_nothing_hidden
from samego.formats.executable.elf_values import Elf, ElfError, pieces
from samego.formats.executable.pclntab import read_function_table
from samego.rules.elf_stripped import prove_stripped
from samego.rules.embedded_settings import prove_embedded
from support.contexts import context
from support.elf_files import EVERY_FORM, stripped_file, upstream_file
from support.words import places_of

PAIRS = [(stripped_file(program), upstream_file(program)) for program in EVERY_FORM.values()]
CONTEXT = context({"src/runtime/a.go": b"1"}, {})

#: Edits as (position from 0 to 1, bytes to remove, bytes to put there).
edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 16),
        st.binary(max_size=16) | st.integers(0, 2**64 - 1).map(lambda n: n.to_bytes(8, "little")),
    ),
    min_size=1,
    max_size=4,
)


def where(distro: bytes, upstream: bytes) -> str:
    return places_of(where_elf.where(distro, upstream))


def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, put in changes:
        start = int(place * len(data))
        data = data[:start] + put + data[start + removed :]
    return data


def free_left_out(data: bytes) -> bytes:
    """A stripped file without the debug link's CRC and without where zeros lie in the file.

    The former is of another file; the latter has one of two values, both of which mean
    the same.
    """
    elf = parse(data)
    link, zeros = elf.section(".gnu_debuglink"), elf.section(".bss")
    assert link is not None
    assert zeros is not None
    field = elf.header.shoff + zeros.index * elf.form.section.size + 8 + 2 * elf.form.word
    assert link.file_end < field
    return b"".join(
        [data[: link.file_end - 4], data[link.file_end : field], data[field + elf.form.word :]]
    )


def read_everything(elf: Elf) -> None:
    known = pieces(elf)
    assert all(0 <= start < end <= len(elf.data) for start, end, _ in known)
    assert all(len(elf.content(section)) in {0, section.size} for section in elf.sections)
    assert all(len(segment_image(elf, s)) == s.filesz for s in elf.segments)
    assert len(image_digest(elf)) == 64
    info = read_build_info(elf)
    assert info is None or info.path
    table = read_function_table(elf)
    if table is not None:
        table.function_at(elf.header.entry)
        assert "" not in table.packages()


@given(st.binary(max_size=300).map(lambda tail: b"\x7fELF" + tail) | st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        elf = parse(data)
    except ElfError:
        assert "not a valid ELF file" in where(data, PAIRS[0][1])
    else:
        read_everything(elf)


@given(st.sampled_from(PAIRS), edits)
def test_any_change_is_refused_or_none(
    pair: tuple[bytes, bytes], changes: list[tuple[float, int, bytes]]
) -> None:
    distro, upstream = pair
    data = edited(distro, changes)
    proof = prove_stripped(data, upstream, "nm")
    if proof is not None:
        assert len(data) == len(distro)
        assert free_left_out(data) == free_left_out(distro)
    embedded = prove_embedded(data, upstream, "nm", CONTEXT)
    assert embedded is None or not embedded.standing.passes
    assert where(data, upstream)
    try:
        elf = parse(data)
    except ElfError:
        return
    read_everything(elf)
    with contextlib.suppress(ElfError):
        check_nothing_hidden(elf, "nm")


@given(st.sampled_from(PAIRS), edits)
def test_a_changed_upstream_is_read_or_refused(
    pair: tuple[bytes, bytes], changes: list[tuple[float, int, bytes]]
) -> None:
    distro, upstream = pair
    data = edited(upstream, changes)
    proof = prove_stripped(distro, data, "nm")
    if proof is not None:
        # What counts is what is loaded, and that is not changed.
        assert proof.digest == image_digest(parse(upstream))
    assert where(distro, data)


@pytest.mark.parametrize("pair", PAIRS, ids=EVERY_FORM.keys())
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_byte_is_refused_but_where_it_is_free(
    pair: tuple[bytes, bytes], place: float, flip: int
) -> None:
    distro, upstream = pair
    at = int(place * len(distro))
    data = distro[:at] + bytes([distro[at] ^ flip]) + distro[at + 1 :]
    if prove_stripped(data, upstream, "nm") is not None:
        assert free_left_out(data) == free_left_out(distro)
