"""Where two files differ, in the terms of their kind."""

from __future__ import annotations

from samego.compare import where_bytes, where_text
from samego.compare.kind import kind_of
from samego.compare.where_archive import where as where_in_archive
from samego.compare.where_elf import where as where_in_elf
from samego.formats.executable.macho import is_macho
from samego.model.location import Location
from samego.rules.macho_signature import where as where_in_signature

_ARCHIVES = ("zip", "gzip", "png")


def where_differs(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
    """One phrase, or a short diff: section and function, line, member, or offset. Total.

    ``other`` is what the second file is called.
    """
    return locate(distro, upstream, other).text


def locate(distro: bytes, upstream: bytes, other: str = "upstream") -> Location:
    """The same as a value, with the lines where both are texts."""
    if kind_of(distro) == kind_of(upstream) == "text":
        lines = where_text.differing_lines(distro, upstream)
        if lines is not None:
            return Location(where_text.phrase(lines, other), lines)
    return Location(_phrase(distro, upstream, other))


def _phrase(distro: bytes, upstream: bytes, other: str) -> str:
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
        return where_text.where(distro, upstream, other)
    return first_difference(distro, upstream, other)


def first_difference(distro: bytes, upstream: bytes, other: str = "upstream") -> str:
    """The offset of the first byte that differs."""
    offset = where_bytes.first_difference(distro, upstream)
    at = len(distro) if offset is None else offset
    sizes = (
        "" if len(distro) == len(upstream) else f" ({len(distro)} bytes, {other} {len(upstream)})"
    )
    return f"first at byte {at}{sizes}"
