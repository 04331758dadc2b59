from __future__ import annotations

import pytest

from samego.integrations.rebuilders.times import parse_time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-07-23T07:59:19Z", "2026-07-23T07:59:19+00:00"),
        ("2026-07-23T07:59:19.123456789-07:00", "2026-07-23T14:59:19+00:00"),
        ("2026-07-23t07:59:19z", "2026-07-23T07:59:19+00:00"),
    ],
)
def test_a_time(text: str, time: str) -> None:
    found = parse_time(text)
    assert found is not None
    assert found.isoformat() == time


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "2026-07-23",
        "2026-07-23T07:59:19",
        "2026-13-23T07:59:19Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "2026-07-23T07:59:19+99:00",
    ],
)
def test_what_is_no_time(value: object) -> None:
    assert parse_time(value) is None
