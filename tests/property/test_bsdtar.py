"""What makepkg's tar writes for a member: the short way must give what the long one does."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.formats.archive.tar import bsdtar
from samego.formats.archive.tar.header import TarError, Values

_NAMES = st.binary(min_size=1, max_size=40) | st.integers(90, 180).map(lambda size: b"a" * size)
_OWNERS = st.sampled_from([b"root", b"", b"o" * 31, b"o" * 32, "ö".encode()])
_IDS = st.sampled_from([0, 1, (1 << 18) - 1, 1 << 18])
_VALUES = st.builds(
    Values,
    name=_NAMES,
    mode=st.integers(0, 0o7777),
    uid=_IDS,
    gid=_IDS,
    size=st.sampled_from([0, 1, (1 << 33) - 1, 1 << 33]),
    mtime=st.just(1 << 30),
    flag=st.sampled_from([b"0", b"1", b"2", b"5"]),
    link=_NAMES,
    uname=_OWNERS,
    gname=_OWNERS,
    fraction=st.sampled_from([b"", b"5"]),
    binary=st.booleans(),
    xattrs=st.sampled_from([(), (("user.x", b"1"),)]),
)


@given(_VALUES)
def test_the_short_way_writes_what_the_long_one_does(values: Values) -> None:
    def written() -> bytes | str:
        try:
            return bsdtar.BSDTAR.written(values)
        except TarError as error:
            return error.message

    short = written()
    with patch.object(bsdtar, "_is_plain", lambda _values: False):
        assert written() == short


@pytest.mark.parametrize("size", [100, 101])
def test_a_name_that_just_fits_needs_no_record(size: int) -> None:
    values = Values(b"n" * size, 0o644, 0, 0, 0, 1, b"0", b"", b"root", b"root")
    assert len(bsdtar.BSDTAR.written(values)) == (512 if size == 100 else 3 * 512)
