"""Where two files differ, in the terms of their kind."""

from __future__ import annotations

from samego.compare.kind import kind_of
from samego.compare.where_archive import where as where_in_archive
from samego.compare.where_elf import where as where_in_elf
from samego.compare.where_text import where as where_in_text
from samego.formats.executable.macho import is_macho
from samego.rules.macho_signature import where as where_in_signature

_ARCHIVES = ("zip", "gzip", "png")


def where_differs(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
    """One phrase, or a short diff: section and function, line, member, or offset. Total.

    ``other`` is what the second file is called.
    """
    kinds = {kind_of(distro), kind_of(upstream)}
    if len(kinds) > 1:
        return f"the package has {kind_of(distro)}, {other} {kind_of(upstream)}"
    kind = kinds.pop()
    if is_macho(distro) and (signature := where_in_signature(distro, upstream)):
        return f"{first_difference(distro, upstream, other)}; {signature}"
    if kind == "elf":
        return where_in_elf(distro, upstream, other)
    if kind in _ARCHIVES:
        return where_in_archive(distro, upstream, other)
    if kind == "text":
        return where_in_text(distro, upstream, other)
    return first_difference(distro, upstream, other)


def first_difference(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
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
        "" if len(distro) == len(upstream) else f" ({len(distro)} bytes, {other} {len(upstream)})"
    )
    return f"first at byte {low}{sizes}"
