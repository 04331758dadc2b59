"""Shell patterns as the C library reads them, which package managers use for their settings."""

from __future__ import annotations

import ctypes
import os


def matches(pattern: str, path: str) -> bool:
    """Whether fnmatch(3) without flags matches ``path``: ``*`` crosses ``/``."""
    found: int = ctypes.CDLL(None).fnmatch(os.fsencode(pattern), os.fsencode(path), 0)
    return found == 0
