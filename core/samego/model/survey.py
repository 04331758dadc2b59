"""All toolchains of a machine, a root directory or an image, as plain values.

Schema ``samego.survey/1``: one report or one error for each toolchain.
"""

from __future__ import annotations

from dataclasses import dataclass

from samego.errors import SamegoError
from samego.model.report import Report

SCHEMA = "samego.survey/1"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One toolchain: its report, or the error that kept samego from deciding.

    ``where`` is the path of GOROOT in ``system``, ``also`` are other paths that lead there;
    ``found`` is the place or the plugin by which it was found, ``claims`` what it states to be.
    """

    system: str
    where: str
    also: tuple[str, ...]
    found: str
    claims: str
    report: Report | None = None
    error: SamegoError | None = None


@dataclass(frozen=True, slots=True)
class SystemNotes:
    """What a survey could not examine in one system.

    ``unread`` are places, each with why; ``strays`` go commands that lie in no GOROOT.
    """

    system: str
    unread: tuple[tuple[str, str], ...] = ()
    strays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """All toolchains of what was named, in the order of their paths."""

    subject: str
    toolchains: tuple[Surveyed, ...]
    notes: tuple[SystemNotes, ...]
    version: str
