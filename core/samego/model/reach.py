"""What a difference reaches, which is independent of how well it is explained."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Reached(enum.Enum):
    """What a difference is a part of, the least first."""

    #: Tests, test data, documentation, licences, and what no build takes.
    NOTHING = "nothing that runs"
    #: What the go command reads when it runs.
    SETTINGS = "settings"
    #: Executables of the toolchain.
    TOOLCHAIN = "the toolchain"
    #: What users build. Also where the reach could not be computed.
    PROGRAMS = "programs"

    def __init__(self, _word: str) -> None:
        self._rank = len(type(self).__members__)

    @property
    def rank(self) -> int:
        """0 for nothing, growing with what is reached."""
        return self._rank


@dataclass(frozen=True, slots=True)
class Reach:
    """What one difference reaches.

    ``packages`` are the packages of the standard library that users import and that it is
    compiled into; ``every`` says that every program has them. Empty with programs: the reach
    could not be computed. ``executables`` are those of the toolchain that it is compiled into.
    """

    what: Reached
    packages: tuple[str, ...] = ()
    executables: tuple[str, ...] = ()
    every: bool = False


NOTHING = Reach(Reached.NOTHING)
UNKNOWN = Reach(Reached.PROGRAMS)
