"""Whether a rebuild gave the packages that were shipped, as plain values.

This question is independent of whether they are upstream's Go. It is decided from files alone: the
packages that were shipped, those that the rebuild left, and what both builds recorded of them. A
rebuilder's exit status decides nothing: debrebuild's is a leftover errno, and archlinux-repro's
does not distinguish a difference from a failure.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from samego.model import value
from samego.model.proof import Standing, Tool, worst


class Outcome(enum.Enum):
    """What a rebuild showed.

    ``incomplete``: the build ended, but a file that it recorded is not there or is not
    what it recorded, and no other file differs. ``failed``: it began and did not end
    well. ``not_run``: it never began.
    """

    SAME = "same"
    DIFFERENT = "different"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    NOT_RUN = "not_run"

    @property
    def decided(self) -> bool:
        """Whether this answers the question."""
        return self in (Outcome.SAME, Outcome.DIFFERENT)


class Obstacle(enum.Enum):
    """Why a rebuild left nothing to compare; NONE when it left packages."""

    NONE = ""
    #: The outcome is not_run.
    TOOL_MISSING = "tool_missing"
    HELPER_MISSING = "helper_missing"
    BUILDER = "builder"
    ENVIRONMENT = "environment"
    REFUSED = "refused"
    #: The outcome is failed.
    BUILD = "build"
    RECORD_MISSING = "record_missing"
    RECORD_UNREADABLE = "record_unreadable"
    NO_PACKAGES = "no_packages"

    @property
    def outcome(self) -> Outcome:
        """The outcome that this obstacle leads to. Not for NONE."""
        return Outcome.FAILED if self in _FAILED else Outcome.NOT_RUN


_FAILED = (
    Obstacle.BUILD,
    Obstacle.RECORD_MISSING,
    Obstacle.RECORD_UNREADABLE,
    Obstacle.NO_PACKAGES,
)


class Match(enum.Enum):
    """How two builds' files of one name compare.

    ``missing``: the rebuild has no such file. ``added``: only the rebuild has it.
    ``absent``: the rebuild recorded it, but it is not there. ``altered``: it is there, but
    is not what the rebuild recorded.
    """

    SAME = "same"
    DIFFERENT = "different"
    MISSING = "missing"
    ADDED = "added"
    ABSENT = "absent"
    ALTERED = "altered"


_DIFFERS = (Match.DIFFERENT, Match.MISSING, Match.ADDED)


class Holder(enum.Enum):
    """Which of the two packages has a member."""

    BOTH = "both"
    SHIPPED = "shipped"
    REBUILT = "rebuilt"


@dataclass(frozen=True, slots=True)
class MemberDifference:
    """One member in which two packages of one name differ.

    ``path`` is as installed, without a leading slash, or below the name of the package's
    own part (``DEBIAN/control``, ``.PKGINFO``). ``standing`` is ``equivalent`` where it was
    shown that the member means the same, else ``unexplained``.
    """

    path: str
    holder: Holder
    kind: str
    standing: Standing
    causes: tuple[value.Cause, ...]
    where: tuple[value.Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that a build gives. The digests are empty where a build has no such file.

    ``compared`` says whether both files were available and compared member by member.
    ``identical`` is how many members are.
    """

    name: str
    match: Match
    shipped: str = ""
    rebuilt: str = ""
    compared: bool = False
    identical: int = 0
    differences: tuple[MemberDifference, ...] = ()

    @property
    def standing(self) -> Standing:
        """The worst of its members'; unexplained where they were not compared."""
        if self.match is Match.SAME:
            return Standing.IDENTICAL
        if not self.compared:
            return Standing.UNEXPLAINED
        return worst([difference.standing for difference in self.differences])


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What a rebuild gave.

    ``tool`` is None where another program ran it (``--rebuilt``). ``command`` is what was run.
    ``artifacts`` are sorted by name; without any, ``obstacle`` and ``reason`` (one sentence)
    say why. ``log`` holds the last lines of what the tool printed, where that helps.
    ``directory`` has the rebuilt packages.
    """

    tool: Tool | None
    artifacts: tuple[Artifact, ...] = ()
    obstacle: Obstacle = Obstacle.NONE
    reason: str = ""
    command: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    directory: str = ""

    @property
    def outcome(self) -> Outcome:
        """What it showed."""
        return decide(self.artifacts) if self.artifacts else self.obstacle.outcome


def decide(artifacts: Sequence[Artifact]) -> Outcome:
    """The outcome of a build that left these files: a difference counts before a gap."""
    matches = {artifact.match for artifact in artifacts}
    if matches.intersection(_DIFFERS):
        return Outcome.DIFFERENT
    return Outcome.SAME if matches == {Match.SAME} else Outcome.INCOMPLETE


def match_files(
    shipped: Mapping[str, str], recorded: Mapping[str, str], found: Mapping[str, str]
) -> tuple[Artifact, ...]:
    """Pair the files of two builds by name; all three map names to sha256 digests.

    ``shipped`` is what the first build recorded, ``recorded`` what the rebuild did, and
    ``found`` what lies where it left its files.
    """

    def pair(name: str) -> Artifact:
        first, claimed, second = (each.get(name, "") for each in (shipped, recorded, found))
        if not claimed:
            match = Match.MISSING
        elif not first:
            match = Match.ADDED
        elif not second:
            match = Match.ABSENT
        elif second != claimed:
            match = Match.ALTERED
        else:
            match = Match.SAME if first == second else Match.DIFFERENT
        return Artifact(name, match, first, claimed)

    return tuple(pair(name) for name in sorted(shipped.keys() | recorded.keys()))


def count(artifacts: Iterable[Artifact], match: Match) -> int:
    """How many files match in this way."""
    return sum(artifact.match is match for artifact in artifacts)


def exit_status(reproduction: Reproduction, *, passes: bool) -> int:
    """The exit status for both questions; ``passes`` is the report's answer on upstream.

    1 when either answer is no, else 2 when the rebuild gave none, else 0. A no stands
    whatever else could not be decided. (What could not be decided about upstream is an
    error, and there is no report then.)
    """
    if not passes or reproduction.outcome is Outcome.DIFFERENT:
        return 1
    return 0 if reproduction.outcome is Outcome.SAME else 2
