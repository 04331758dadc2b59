"""Where two files differ, in the terms of their kind."""

from __future__ import annotations

from samego.compare import where_archive, where_elf, where_text
from samego.compare.kind import kind_of
from samego.compare.where_bytes import first_byte
from samego.formats.executable.macho import is_macho
from samego.model.places.files import OtherForm
from samego.model.value import Place
from samego.rules import macho_signature

_ARCHIVES = ("zip", "gzip", "png")


def locate(distro: bytes, upstream: bytes) -> tuple[Place, ...]:
    """Section and function, lines, members, or the first byte. Total."""
    kinds = {kind_of(distro), kind_of(upstream)}
    if len(kinds) > 1:
        return (OtherForm(kind_of(distro), kind_of(upstream)),)
    kind = kinds.pop()
    if is_macho(distro) and (signature := macho_signature.where(distro, upstream)):
        return (first_byte(distro, upstream), signature)
    if kind == "elf":
        return where_elf.where(distro, upstream)
    if kind in _ARCHIVES:
        return where_archive.where(distro, upstream)
    if kind == "text":
        return (where_text.where(distro, upstream),)
    return (first_byte(distro, upstream),)
