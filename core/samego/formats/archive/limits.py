"""The limits beyond which a reader calls an archive hostile."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Upper bounds for one archive or directory.

    A Go toolchain has some 16,000 files and 500 MB; the bounds leave room for ten times
    that. ``file_bytes`` is also the most that is held in memory for one file.
    """

    entries: int = 200_000
    total_bytes: int = 4096 * _MIB
    file_bytes: int = 256 * _MIB
    path_bytes: int = 1024
    link_depth: int = 40


DEFAULT_LIMITS = ArchiveLimits()
