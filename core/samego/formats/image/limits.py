"""How much of a container image is read before it is called hostile."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Upper bounds for one image.

    ``document_bytes`` is of one JSON document: registries take manifests of 4 MiB. ``layers``,
    ``entries`` and ``total_bytes`` (decompressed) are of one manifest. ``file_bytes`` is of one
    file that is read; an image may hold larger ones, which are no part of a toolchain.
    """

    members: int = 20_000
    document_bytes: int = 8 * _MIB
    manifests: int = 100
    nesting: int = 4
    layers: int = 500
    entries: int = 1_000_000
    total_bytes: int = 16_384 * _MIB
    file_bytes: int = 256 * _MIB
    path_bytes: int = 4096
    link_depth: int = 40


IMAGE_LIMITS = ImageLimits()
