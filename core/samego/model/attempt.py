"""A check that could not be decided, as a value: what it was of, and why."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.asked import Asked
from samego.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Attempt:
    """A check that had opened what it is of, and then could not decide.

    ``cause`` is why, without places of this machine; ``seconds`` is the wall time until then.
    """

    subject: Subject
    asked: Asked
    cause: str
    seconds: float
