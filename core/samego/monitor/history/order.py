"""The order of a distro's versions, and of names with numbers in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from samego.distro.naming import naming_of
from samego.errors import SamegoError

_PARTS = re.compile(r"(\d+)")


def ordered(distro: str, versions: Iterable[str]) -> list[str]:
    """Versions as the distro orders them, the oldest first.

    Where no plugin here knows (or one is no version to it), numbers in them count as numbers.
    """
    listed = list(versions)
    try:
        key: Callable[[str], Any] = naming_of(distro).version_key
        return sorted(listed, key=key)
    except SamegoError:
        return sorted(listed, key=natural)


def natural(text: str) -> list[tuple[int, str]]:
    """A key that orders texts with numbers in them as people do: 1.9 before 1.10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _PARTS.split(text)]
