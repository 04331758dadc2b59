"""Where two files differ, as values; the formatters make the sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lines:
    """Where two texts differ.

    ``first`` is the number of the first line that differs, from 1; ``distro`` and ``upstream``
    are how many lines each side has between the common beginning and the common end. ``diff``
    is the beginning of a unified diff, without its two header lines, printable; ``hidden`` is
    how many of its lines are left out, None where nobody counted them.
    """

    first: int
    distro: int
    upstream: int
    diff: tuple[str, ...] = ()
    hidden: int | None = 0

    @property
    def whole(self) -> bool:
        """Whether the diff is all there."""
        return self.hidden == 0

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines of the diff that only one side has, each after its sign."""
        return tuple(line for line in self.diff if line.startswith(("+", "-")))

    @property
    def to_read(self) -> int:
        """How many lines somebody must read to know the difference."""
        return len(self.changed) if self.whole else self.distro + self.upstream


@dataclass(frozen=True, slots=True)
class Location:
    """Where two files differ: ``text`` for a person, and the lines where both are texts."""

    text: str
    lines: Lines | None = None
