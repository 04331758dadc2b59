"""Places in English: a phrase or a short diff for each, from the module of its kind.

``other`` names the second file where it is not upstream's.
"""

from __future__ import annotations

from collections.abc import Iterable

from samego.model.places.files import Lines
from samego.model.value import Place
from samego.words import archives, entries, executables, files
from samego.words.dispatch import UPSTREAM
from samego.words.dispatch import said_place as said

__all__ = ["UPSTREAM", "line", "phrase", "said"]

#: They are imported for the words that they register.
_KINDS = (archives, entries, executables)


def phrase(places: Iterable[Place], other: str = UPSTREAM) -> str:
    """Where two files differ: phrases in a row, and lines where both are texts."""
    return "; ".join(said(place, other) for place in places)


def line(places: Iterable[Place], other: str = UPSTREAM) -> str:
    """The same in one line, without the beginning of a diff."""
    return "; ".join(
        files.counts(place, other)
        if isinstance(place, Lines)
        else said(place, other).partition("\n")[0]
        for place in places
    )
