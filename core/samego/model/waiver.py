"""A waiver: the word of whoever keeps a waiver file that one difference may be there.

It accounts for nothing: what it takes keeps its standing. It says only that a report which would
fail because of that may pass, why, and until when.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: The pattern that takes every path; a wildcard alone would be one by accident.
EVERYTHING = "everything"
_WILD = re.compile(r"[*?]")
_PARTS = re.compile(r"\*\*/|\*\*|.", re.DOTALL)


class Takes(enum.Enum):
    """What a waiver goes by."""

    #: A path, or a pattern of paths.
    PATH = "path"
    #: A kind of cause (``causes[].kind`` in a report).
    CAUSE = "cause"
    #: The rule that decided.
    RULE = "rule"
    #: Something that breaks because of one file.
    BREAKS = "breaks"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One line of a waiver file.

    ``name`` is the kind of cause or the rule, ``pattern`` which paths (empty with a ``name``: any).
    ``package`` is the package that it is about, with ``=VERSION`` if need be; empty for any.
    ``file`` is the file's name and ``line`` the number of its line. It holds through the day
    ``until`` (UTC), where there is one; ``expired`` says that this day was over.
    """

    takes: Takes
    reason: str
    file: str
    line: int
    name: str = ""
    pattern: str = ""
    package: str = ""
    until: dt.date | None = None
    expired: bool = False

    @property
    def exact(self) -> bool:
        """Whether it names one path and no other."""
        return self.takes in (Takes.PATH, Takes.BREAKS) and is_exact(self.pattern)

    def matches(self, path: str) -> bool:
        """Whether its pattern takes a path."""
        if self.pattern in ("", EVERYTHING):
            return True
        return self.pattern == path if is_exact(self.pattern) else _fits(self.pattern, path)


def is_exact(pattern: str) -> bool:
    """Whether a pattern takes one path and no other; ``*`` and ``?`` stay in one directory."""
    return pattern != EVERYTHING and _WILD.search(pattern) is None


def takes_everything(pattern: str) -> bool:
    """Whether nothing in a pattern but its wildcards says which paths it takes."""
    return not _WILD.sub("", pattern).strip("/.")


@functools.lru_cache(maxsize=1024)
def _parts(pattern: str) -> tuple[str, ...]:
    """A pattern as wildcards and single characters."""
    return tuple(part for part in _PARTS.findall(pattern) if part)


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern takes a path, in a time that grows with both and no faster.

    A report of somebody else's may have any pattern: no regular expression, which goes back and
    forth, is made of it. A state is a place in the pattern, and whether it is inside a ``**/``.
    """
    parts = _parts(pattern)
    states = _entered({(0, False)}, parts)
    for character in path:
        states = _entered(
            {state for each in states for state in _after(each, parts, character)}, parts
        )
        if not states:
            return False
    return (len(parts), False) in states


_State = tuple[int, bool]


def _after(state: _State, parts: Sequence[str], character: str) -> Iterator[_State]:
    """The states that one character leads to."""
    place, inside = state
    part = parts[place] if place < len(parts) else ""
    if inside:
        yield state
        if character == "/":
            yield place + 1, False
    elif part == "**" or (part == "*" and character != "/"):
        yield state
    elif part == character or (part == "?" and character != "/"):
        yield place + 1, False


def _entered(states: set[_State], parts: Sequence[str]) -> set[_State]:
    """The states with those that no character is needed for: a wildcard may take nothing."""
    found: set[_State] = set()
    pending = list(states)
    while pending:
        state = pending.pop()
        if state in found:
            continue
        found.add(state)
        place, inside = state
        part = parts[place] if place < len(parts) and not inside else ""
        if part in ("**", "**/", "*"):
            pending.append((place + 1, False))
        if part == "**/":
            pending.append((place, True))
    return found
