"""Where two files differ, in the terms of their kind."""

from __future__ import annotations

from samego.compare import where_archive, where_elf, where_text
from samego.compare.kind import kind_of

_ARCHIVES = ("zip", "gzip", "png")


def where_differs(distro: bytes, upstream: bytes) -> str:
    """One phrase, or a short diff: section and function, line, member, or offset. Total."""
    kinds = {kind_of(distro), kind_of(upstream)}
    if len(kinds) > 1:
        return f"the package has {kind_of(distro)}, upstream {kind_of(upstream)}"
    kind = kinds.pop()
    if kind == "elf":
        return where_elf.where(distro, upstream)
    if kind in _ARCHIVES:
        return where_archive.where(distro, upstream)
    if kind == "text":
        return where_text.where(distro, upstream)
    return first_difference(distro, upstream)


def first_difference(distro: bytes, upstream: bytes) -> str:
    """The offset of the first byte that differs."""
    common = min(len(distro), len(upstream))
    low, high = 0, common
    while low < high:
        middle = (low + high + 1) // 2
        if distro[low:middle] == upstream[low:middle]:
            low = middle
        else:
            high = middle - 1
    sizes = (
        "" if len(distro) == len(upstream) else f" ({len(distro)} bytes, upstream {len(upstream)})"
    )
    return f"first at byte {low}{sizes}"
