from __future__ import annotations

import pytest

from samego.integrations.hooks import block
from samego.integrations.hooks.block import Marks

MARKS = Marks("#", "probe")
TEXT = "line = 1\nline = 2\n"
BLOCK = b"# BEGIN samego hook probe\nline = 1\nline = 2\n# END samego hook probe\n"


@pytest.mark.parametrize("before", [b"", b"\n", b"a\n", b"a\r\n", b"a\n\n\n", b"\xff\n"])
def test_the_block_follows_what_is_there(before: bytes) -> None:
    data = block.add(before, MARKS, TEXT)
    assert data == before + BLOCK
    found = block.find(data, MARKS)
    assert found is not None
    assert found.others == before
    assert found.text == TEXT.encode()


def test_a_last_line_without_an_end_gets_one_and_loses_it_again() -> None:
    data = block.add(b"a", MARKS, TEXT)
    assert data.startswith(b"a\n# BEGIN samego hook probe (the line above had no end)\n")
    found = block.find(data, MARKS)
    assert found is not None
    assert found.others == b"a"


def test_what_others_add_around_it_stays() -> None:
    data = b"new\n" + block.add(b"a", MARKS, TEXT) + b"late\n"
    found = block.find(data, MARKS)
    assert found is not None
    assert found.others == b"new\na\nlate\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a\n",
        BLOCK.replace(b"# END samego hook probe\n", b""),
        BLOCK.replace(b"# BEGIN samego hook probe\n", b""),
        BLOCK + BLOCK,
        b"# END samego hook probe\n# BEGIN samego hook probe\n",
        BLOCK.replace(b"probe", b"probes"),
        BLOCK.replace(b"# ", b"// "),
    ],
)
def test_half_a_block_is_none(data: bytes) -> None:
    assert block.find(data, MARKS) is None


def test_markers_are_seen_wherever_they_are_left() -> None:
    assert block.touched(b"# BEGIN samego hook probe\n", MARKS)
    assert block.touched(b"# END samego hook probe\n", MARKS)
    assert not block.touched(b"# BEGIN samego hook other\n", MARKS)
