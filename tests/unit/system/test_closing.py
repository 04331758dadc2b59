"""What is closed at the end of a block, also by an error."""

from __future__ import annotations

import pytest

from samego.system.closing import Closing


class Door(Closing):
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_the_block_has_the_thing_itself_and_closes_it() -> None:
    with Door() as door:
        assert door.closed == 0
    assert door.closed == 1


def test_an_error_closes_it_and_goes_on() -> None:
    door = Door()
    with pytest.raises(ValueError, match="in the block"), door:
        raise ValueError("in the block")
    assert door.closed == 1
