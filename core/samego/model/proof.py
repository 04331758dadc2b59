"""How well a difference is accounted for, and the proof of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from samego.model.value import Cause

#: A detail of a proof: a list of names, or one value.
Detail = str | int | bool | tuple[str, ...]


class Standing(enum.Enum):
    """How well a difference is understood, best first."""

    IDENTICAL = "identical"
    EQUIVALENT = "equivalent"
    EXPLAINED = "explained"
    UNPROVEN = "unproven"
    UNEXPLAINED = "unexplained"

    def __init__(self, _word: str) -> None:
        # A report needs the rank of each finding many times, so it is computed once.
        self._rank = len(type(self).__members__)

    @property
    def rank(self) -> int:
        """0 for identical, growing as the standing gets worse."""
        return self._rank

    @property
    def passes(self) -> bool:
        """Whether a verdict of this standing passes by default."""
        return self.rank <= Standing.EXPLAINED.rank


def worst(standings: Sequence[Standing]) -> Standing:
    """The worst of several standings; identical when there are none."""
    return max(standings, key=lambda standing: standing.rank, default=Standing.IDENTICAL)


@dataclass(frozen=True, slots=True)
class Tool:
    """A third party that took part in a proof."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a rule found: a standing with everything that somebody needs to repeat it.

    ``causes`` say why the file differs, as values (see :mod:`samego.model.value`);
    ``samego.words`` says them. ``digest`` is the sha256 that the replay produced (equal to the
    distro's file, or of the compared parts where ``details`` says which). ``rests_on`` names
    other paths whose standing this one cannot exceed. ``rebuild`` says that a
    reference build would decide what is unproven.
    """

    rule: str
    standing: Standing
    causes: tuple[Cause, ...]
    digest: str = ""
    tools: tuple[Tool, ...] = ()
    details: Mapping[str, Detail] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    rebuild: bool = False
