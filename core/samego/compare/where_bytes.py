"""Where two files differ as bytes, and what the second one is called."""

from __future__ import annotations

_CHUNK = 1 << 16


def first_difference(content: bytes, wanted: bytes) -> int | None:
    """The offset of the first byte that differs; the shorter's end counts; None if equal."""
    if content == wanted:
        return None
    common = min(len(content), len(wanted))
    for start in range(0, common, _CHUNK):
        one, other = content[start : start + _CHUNK], wanted[start : start + _CHUNK]
        if one != other:
            pairs = enumerate(zip(one, other, strict=False))
            return next((start + i for i, (a, b) in pairs if a != b), common)
    return common


def file_of(other: str) -> str:
    """What a sentence about the second file begins with."""
    return "upstream's file" if other == "upstream" else other
