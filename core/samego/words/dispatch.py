"""What finds the words of a value: each kind's are registered here by the modules beside this.

``other`` is what the second file is called where it is not upstream's.
"""

from __future__ import annotations

import functools

from samego.model.value import Cause, Place, Told

#: What the second file is called in most reports.
UPSTREAM = "upstream"


@functools.singledispatch
def said_cause(cause: Cause) -> str:
    """What one cause says. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(cause.kind)


@functools.singledispatch
def said_place(place: Place, _other: str = UPSTREAM) -> str:
    """What one place says. Raises NotImplementedError for a kind without words."""
    raise NotImplementedError(place.kind)


@said_cause.register
def _(cause: Told) -> str:
    return cause.words


@said_place.register
def _(place: Told, _other: str = UPSTREAM) -> str:
    return place.words


def second_file(other: str, *, second: bool) -> str:
    """One of the two files: the second one where it is meant, else the package's."""
    if not second:
        return "the package's file"
    return "upstream's file" if other == UPSTREAM else other
