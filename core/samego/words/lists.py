"""Lists that are cut off."""

from __future__ import annotations

from collections.abc import Sequence


def first(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The first names of a list, and how many more there are."""
    shown = between.join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
