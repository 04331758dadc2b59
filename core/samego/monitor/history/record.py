"""What the history holds, as values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from samego.distro.suites import Offer
from samego.model.proof import Standing
from samego.report.reasons import Reason, ReasonKind
from samego.report.waived import outcome_of

__all__ = ["JobKind", "Line", "Offer", "RebuildRun", "RebuiltFile", "Run", "Waiting"]


class Line(NamedTuple):
    """One package of a distro on one architecture: what has versions, one after the other."""

    distro: str
    package: str
    architecture: str


@dataclass(frozen=True, slots=True)
class Run:
    """One check. ``package`` and ``version`` are the source package's, as trackers name it.

    ``owner`` is the user who submitted it, where that user's reports do not count; else empty.
    ``bytes`` is the same for all reports on the same packages (see intake.py), empty
    where the report does not say which bytes it is about.
    ``digest`` is the sha256 of its report, under which the history has it. ``breaking`` and
    ``latent`` are the paths with an unwaived consequence. ``reproduction`` is what a rebuild of
    the packages gave (reproduction.Outcome), empty where there was none. ``when`` is in UTC.
    ``reasons`` are those of the verdict; none where an earlier version imported the report.

    ``origin`` is what the check was asked for (samego.model.asked.From), ``experiment`` why it
    says nothing of what anybody ships, ``held`` whether the user said that a suite holds it, and
    ``packages`` the sha256 of each package; see counting.py.

    A run as :mod:`.known` gives it has what was known of its bytes after it: ``shown`` is then the
    report to read first, ``reproduced`` the one that says what a rebuild of the packages gave,
    ``proofs`` those that it takes to prove all, where one is not enough.
    """

    digest: str
    when: datetime
    distro: str
    package: str
    version: str
    architecture: str
    release: str
    target: str
    verdict: Standing
    passes: bool
    breaking: tuple[str, ...] = ()
    latent: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    reproduction: str = ""
    headline: str = ""
    samego: str = ""
    owner: str = ""
    bytes: str = ""
    reasons: tuple[Reason, ...] = ()
    origin: str = ""
    experiment: str = ""
    held: bool = False
    packages: tuple[str, ...] = ()
    shown: str = ""
    reproduced: str = ""
    proofs: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The digest of the report to read."""
        return self.shown or self.digest

    @property
    def waived(self) -> int:
        """How many things that would fail were waived when it was checked."""
        return sum(each.number for each in self.reasons if each.kind is ReasonKind.WAIVED)

    @property
    def outcome(self) -> str:
        """Whether it passes, and how many waivers that takes."""
        return outcome_of(self.waived, passes=self.passes)

    @property
    def line(self) -> Line:
        """What this is a version of."""
        return Line(self.distro, self.package, self.architecture)


@dataclass(frozen=True, slots=True)
class RebuiltFile:
    """What one bootstrap gave for one file of upstream's.

    ``outcome`` is one of compare_members.Outcome, or ``failed`` for a target that did
    not build: then ``file`` is empty and ``cause`` says why. ``sha256`` is that of the file that
    was built; empty where none was.
    """

    bootstrap: str
    target: str
    file: str
    outcome: str
    sha256: str
    cause: str


@dataclass(frozen=True, slots=True)
class RebuildRun:
    """One rebuild of a release; ``digest`` is the sha256 of its result as JSON.

    ``owner`` is as for :class:`Run`.
    """

    digest: str
    when: datetime
    release: str
    verdict: str
    samego: str
    files: tuple[RebuiltFile, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class InputsRun:
    """One run of ``samego inputs``; ``digest`` is the sha256 of its result as JSON.

    ``program`` is the one program that was built, or empty. ``owner`` is as for :class:`Run`.
    """

    digest: str
    when: datetime
    release: str
    program: str
    verdict: str
    samego: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One run of ``samego source``; ``digest`` is the sha256 of its result as JSON.

    ``source`` is the sha256 of the source, ``name`` what it is called. ``owner`` is as for
    :class:`Run`.
    """

    digest: str
    when: datetime
    release: str
    source: str
    name: str
    verdict: str
    samego: str
    owner: str = ""


class JobKind(enum.Enum):
    """What a row of the queue stands for."""

    CHECK = "check"
    #: A release of upstream's is rebuilt here.
    REBUILD = "rebuild"
    #: rebuilderd is asked to rebuild a release.
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was new and could not be checked: since when, how often tried, and why not.

    ``spec`` names it for a user, and for samego check; ``job`` is what is to be done.
    """

    distro: str
    package: str
    version: str
    architecture: str
    spec: str
    since: datetime
    tried: datetime
    tries: int
    due: datetime
    message: str
    job: JobKind = JobKind.CHECK
