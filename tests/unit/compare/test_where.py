from __future__ import annotations

import pytest

from samego.compare.where import first_difference


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 65])
def test_the_first_byte_that_differs_is_found_wherever_it_is(size: int) -> None:
    upstream = bytes(size)
    for at in range(size):
        distro = upstream[:at] + b"x" * (size - at)
        assert first_difference(distro, upstream) == f"first at byte {at}"


def test_where_one_is_the_others_beginning_it_is_the_end() -> None:
    assert first_difference(b"abc", b"ab") == "first at byte 2 (3 bytes, upstream 2)"
    assert first_difference(b"", b"ab") == "first at byte 0 (0 bytes, upstream 2)"
    assert first_difference(b"axc", b"ab", "the rebuild") == (
        "first at byte 1 (3 bytes, the rebuild 2)"
    )
