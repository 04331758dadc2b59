"""Where two files differ as bytes."""

from __future__ import annotations

from samego.model.places.files import FirstByte

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


def first_byte(distro: bytes, upstream: bytes) -> FirstByte:
    """The same as a place; of equal files their end."""
    offset = first_difference(distro, upstream)
    return FirstByte(len(distro) if offset is None else offset, len(distro), len(upstream))
