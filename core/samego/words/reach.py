"""What differences reach, in words."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from samego.model.reach import Reach, Reached
from samego.words.lists import first

#: How many packages and executables are named.
_NAMED = 3


def phrase(reaches: Sequence[Reach]) -> str:
    """What some differences reach, all of which reach the same thing."""
    what, word = reaches[0].what, str(reaches[0].what.value)
    if what is Reached.TOOLCHAIN:
        executables = sorted({path for reach in reaches for path in reach.executables})
        return f"{word} ({_few(executables)})" if executables else word
    if what is Reached.PROGRAMS:
        every = sorted({each for reach in reaches if reach.every for each in reach.packages})
        if every:
            return f"every program ({_few(every)})"
        packages = sorted({each for reach in reaches for each in reach.packages})
        if not packages:
            return word
        if all(reach.packages for reach in reaches):
            return f"{word} that import {_few(packages)}"
        return f"{word}, among them those that import {_few(packages)}"
    return word


def _few(names: Sequence[str]) -> str:
    tools = (posixpath.basename(name) if name.startswith("pkg/tool/") else name for name in names)
    return first(list(tools), _NAMED)
