"""What a look at a source gave: nothing is taken for gone where one could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Looked:
    """What the looks of a pass told.

    ``failed`` are the sources that could not be looked at (or not be believed), each with
    why; ``notes`` one line each for what is no failure. ``sources`` counts those that
    answered.
    """

    sources: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
