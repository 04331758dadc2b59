"""Foreign JSON, read only where all readers agree on its meaning.

RFC 8259 leaves open what a repeated key means, and says that numbers beyond double
precision and lone surrogates are read differently by different programs (sections 4, 6 and
8.2). All of that is refused here, and what no report has: NaN, deep nesting, huge numbers.
A lone surrogate from U+DC80 to U+DCFF is an undecodable byte of a path (PEP 383), and stays.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Objects and lists within one another. A report has 7 levels.
MOST_LEVELS = 40
#: What SQLite, and every reader with integers of its own, can hold: 64 bits with a sign.
LARGEST = (1 << 63) - 1
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def parse(data: bytes) -> Any:  # noqa: ANN401 - what JSON can say
    """The value that UTF-8 text holds. Whole numbers come as int, however they are spelled.

    Raises ValueError, with a phrase that says what is wrong.
    """
    text = data.decode()
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_float=_number,
            parse_int=_integer,
        )
    except RecursionError as error:
        raise TooDeepError from error
    _check(value, surrogates="\\u" in text)
    return value


class TooDeepError(ValueError):
    """Lists or objects lie too deep within one another."""

    def __init__(self) -> None:
        super().__init__("it is nested too deeply")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has a key twice")
    return result


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> float | int:
    # JSON Schema counts 1.0 as an integer: make it one.
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a number that a report has")
    return _bounded(int(value)) if value.is_integer() else value


def _integer(text: str) -> int:
    return _bounded(int(text))


def _bounded(value: int) -> int:
    if abs(value) > LARGEST:
        raise ValueError("a number is larger than any in a report")
    return value


def _check(value: object, *, surrogates: bool) -> None:
    """Refuse what lies too deep and, where the text can have them, lone surrogates."""
    level: list[object] = [value]
    for _ in range(MOST_LEVELS):
        if not level:
            return
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
                if surrogates:
                    inner.extend(item)
            elif isinstance(item, list):
                inner.extend(item)
            elif surrogates and isinstance(item, str) and _LONE.search(item):
                raise ValueError("a string has half of a surrogate pair")
        level = inner
    raise TooDeepError
