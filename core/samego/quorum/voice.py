"""What one rebuilder says of what it was asked about. All sources give these values."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from samego.quorum.policy import Rebuilder


class Heard(enum.Enum):
    """What an answer comes to.

    A build that failed says nothing of the file, and what could not be asked or read is no answer.
    """

    DIFFERS = "differs"
    AGREES = "agrees"
    FAILED = "failed"
    SILENT = "silent"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Voice:
    """One answer.

    ``about`` is the file or package that it speaks of, as the rebuilder names it; ``sha256`` the
    digest that it states for that file, empty where it speaks of a name alone; ``rebuilt`` the
    digest of what it built, where that is another one and known. ``when`` is the time of the build,
    None where it does not say. ``link`` is where to read more. ``signed`` says that a key of the
    rebuilder's signed it. ``build`` and ``builder`` are what a signed statement calls its build and
    the platform that it ran on, empty where it does not say; ``build`` of an answer that is no
    statement is the answer's digest, since a copy of a list is no build of its own.
    ``reason`` is for people: why there is no answer, or what is to be known of it.
    """

    rebuilder: Rebuilder
    says: Heard
    about: str = ""
    sha256: str = ""
    rebuilt: str = ""
    when: dt.datetime | None = None
    link: str = ""
    signed: bool = False
    build: str = ""
    builder: str = ""
    reason: str = ""
