"""How a file was verified, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verification:
    """One way in which a file was verified, and what that rests on."""

    how: str
    rests_on: str
