"""What a report says of values, for tests that look at its words; and words as values."""

from __future__ import annotations

from samego.distro.interface import Remark
from samego.model.finding import Finding
from samego.model.proof import Proof
from samego.model.reproduction import MemberDifference
from samego.model.value import Place, Told
from samego.report.reproduction import where_rebuilt
from samego.words import causes, findings, places


def cause_of(found: Finding | Proof | MemberDifference | Remark | None) -> str:
    """The cause in words."""
    assert found is not None
    return causes.phrase(found.causes)


def where_of(found: Finding | MemberDifference) -> str:
    """The place in words."""
    if isinstance(found, MemberDifference):
        return where_rebuilt(found)
    return findings.where_of(found)


def places_of(found: tuple[Place, ...] | Place, other: str = "upstream") -> str:
    """Places in words."""
    return places.phrase(found if isinstance(found, tuple) else (found,), other)


def told(words: str) -> tuple[Told, ...]:
    """Words as a cause or a place; none of no words."""
    return (Told(words),) if words else ()
