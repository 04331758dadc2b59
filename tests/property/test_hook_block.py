from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samego.integrations.hooks import block
from samego.integrations.hooks.block import Marks

FIRST, SECOND = Marks("#", "first"), Marks("#", "second")
TEXTS = st.text(st.characters(exclude_characters="#", exclude_categories=["Cs"]))


@given(st.binary(), TEXTS)
def test_taking_a_block_out_gives_what_was_there(before: bytes, text: str) -> None:
    found = block.find(block.add(before, FIRST, text), FIRST)
    assert found is not None
    assert found.others == before


@given(st.binary(), TEXTS, st.permutations([FIRST, SECOND]))
def test_two_blocks_go_in_any_order(before: bytes, text: str, order: list[Marks]) -> None:
    data = block.add(block.add(before, FIRST, text), SECOND, text)
    for marks in order:
        found = block.find(data, marks)
        assert found is not None
        data = found.others
    assert data == before
