"""Times as rebuilders write them: RFC 3339, with as many digits of a second as they like."""

from __future__ import annotations

import datetime as dt
import re

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_time(value: object) -> dt.datetime | None:
    """A time, without its fraction of a second; None for anything else, and for Go's zero time."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    zone = "+00:00" if match[3] in "Zz" else match[3]
    try:
        time = dt.datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}")
        return None if time.year == 1 else time.astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return None
