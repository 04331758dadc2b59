"""Where two files of any form differ, and where two texts do."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Place


@dataclass(frozen=True, slots=True)
class Nowhere(Place):
    """The two are the same."""


@dataclass(frozen=True, slots=True)
class FirstByte(Place):
    """The first byte that differs, from 0, and how many bytes each file has."""

    at: int
    distro: int
    upstream: int


@dataclass(frozen=True, slots=True)
class OtherForm(Place):
    """The files are of two forms: elf, text, zip, ..."""

    distro: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Unreadable(Place):
    """A file is not of the form that it should have; ``upstreams``: it is upstream's."""

    upstreams: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Lines(Place):
    """Where two texts differ.

    ``first`` is the number of the first line that differs, from 1; ``distro`` and ``upstream``
    are how many lines each side has between the common beginning and the common end. ``diff``
    is the beginning of a unified diff, without its two header lines, printable; ``hidden`` is
    how many of its lines are left out, None where they were not counted. ``packed`` says that the
    texts are what two compressed files hold.
    """

    first: int
    distro: int
    upstream: int
    diff: tuple[str, ...] = ()
    hidden: int | None = 0
    packed: bool = False

    @property
    def whole(self) -> bool:
        """Whether the diff is complete."""
        return self.hidden == 0

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines of the diff that only one side has, each after its sign."""
        return tuple(line for line in self.diff if line.startswith(("+", "-")))

    @property
    def to_read(self) -> int:
        """How many lines a reader must read to know the difference."""
        return len(self.changed) if self.whole else self.distro + self.upstream
