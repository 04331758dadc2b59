"""One thing that was made different around a build, and whether that was seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Varied:
    """One variation of one target: from what to what, by the probe's word.

    ``unseen`` says why it does not count, where it does not: it could not be made here, or the
    probe did not see it.
    """

    name: str
    what: str
    plain: str
    other: str
    unseen: str = ""
