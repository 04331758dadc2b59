from __future__ import annotations

import pytest

from samego.compare.where_bytes import first_byte
from support.words import places_of


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 65])
def test_the_first_byte_that_differs_is_found_wherever_it_is(size: int) -> None:
    upstream = bytes(size)
    for at in range(size):
        distro = upstream[:at] + b"x" * (size - at)
        assert places_of(first_byte(distro, upstream)) == f"first at byte {at}"


def test_where_one_is_the_others_beginning_it_is_the_end() -> None:
    assert places_of(first_byte(b"abc", b"ab")) == "first at byte 2 (3 bytes, upstream 2)"
    assert places_of(first_byte(b"", b"ab")) == "first at byte 0 (0 bytes, upstream 2)"
    assert places_of(first_byte(b"axc", b"ab"), "the rebuild") == (
        "first at byte 1 (3 bytes, the rebuild 2)"
    )
