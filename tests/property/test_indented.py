from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.report.indented import dumps

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_it_writes_what_the_standard_library_writes(value: object) -> None:
    assert dumps(value) == json.dumps(value, indent=2)


def test_what_json_has_no_words_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps([float("nan")])
    with pytest.raises(TypeError):
        dumps({"a": (1,), "b": object()})
