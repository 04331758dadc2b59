"""The registry of words: the modules beside this one register those of each kind of value.

``other`` names the second file where it is not upstream's.
"""

from __future__ import annotations

import functools

from samego.model.value import Cause, Place, Told

#: The second file's name in most reports.
UPSTREAM = "upstream"


@functools.singledispatch
def said_cause(cause: Cause) -> str:
    """The words of one cause. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(cause.kind)


@functools.singledispatch
def said_place(place: Place, _other: str = UPSTREAM) -> str:
    """The words of one place. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(place.kind)


@said_cause.register
def _(cause: Told) -> str:
    return cause.words


@said_place.register
def _(place: Told, _other: str = UPSTREAM) -> str:
    return place.words


def second_file(other: str, *, second: bool) -> str:
    """The name of the second file, or of the package's."""
    if not second:
        return "the package's file"
    return "upstream's file" if other == UPSTREAM else other
