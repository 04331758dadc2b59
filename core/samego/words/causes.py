"""Causes in English: a phrase for each, from the module of its kind."""

from __future__ import annotations

from collections.abc import Iterable

from samego.model.places.entries import Attribute, Mode, Owner, UnusualMode
from samego.model.value import Cause
from samego.words import differences, packages, places, proofs, rebuilds, rebuilt_files, settings
from samego.words.dispatch import said_cause as said

__all__ = ["phrase", "said"]

#: They are imported for the words that they register.
_KINDS = (differences, packages, proofs, rebuilds, rebuilt_files, settings)


def phrase(causes: Iterable[Cause]) -> str:
    """The causes of one difference, the first one first."""
    return "; ".join(map(said, causes))


@said.register(Mode)
@said.register(UnusualMode)
@said.register(Owner)
@said.register(Attribute)
def _(cause: Mode) -> str:
    return places.said(cause)
