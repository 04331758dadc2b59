"""A finding's values in English."""

from __future__ import annotations

from samego.model.causes.differences import DoesNotFollow
from samego.model.finding import Finding
from samego.words import causes, places

#: The second file's name where an executable does not follow from its sources.
_REBUILT = "the rebuild"


def cause_of(finding: Finding) -> str:
    """Why the path is not the same on both sides."""
    return causes.phrase(finding.causes)


def where_of(finding: Finding) -> str:
    """Where it differs: phrases, or lines; empty where that is not known."""
    return places.phrase(finding.where, _other(finding)) if finding.where else ""


def short_where_of(finding: Finding) -> str:
    """The same in one line, without the lines of a diff."""
    return places.line(finding.where, _other(finding))


def _other(finding: Finding) -> str:
    follows = not any(isinstance(each, DoesNotFollow) for each in finding.causes)
    return places.UPSTREAM if follows else _REBUILT
