"""What makes a member of a rebuilt package another than the shipped one."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Cause


@dataclass(frozen=True, slots=True)
class NotInRebuild(Cause):
    """The rebuilt package lacks the member."""


@dataclass(frozen=True, slots=True)
class OnlyInRebuild(Cause):
    """Only the rebuilt package has the member."""


@dataclass(frozen=True, slots=True)
class OtherKind(Cause):
    """The member is of another kind: file, link, directory."""

    shipped: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class OtherTarget(Cause):
    """The link leads somewhere else."""

    shipped: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class OtherMode(Cause):
    """The permission bits are others."""

    shipped: int
    rebuilt: int


@dataclass(frozen=True, slots=True)
class OtherOwner(Cause):
    """The member is owned by somebody else: user and group, as far as the package says."""

    shipped: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class OtherContents(Cause):
    """The rebuilt file has other contents."""


@dataclass(frozen=True, slots=True)
class SameProgram(Cause):
    """Two executables load the same bytes."""


@dataclass(frozen=True, slots=True)
class SameContents(Cause):
    """Two archives hold the same."""


@dataclass(frozen=True, slots=True)
class SumsOfOthers(Cause):
    """A list of sums differs in those of the files that differ."""


@dataclass(frozen=True, slots=True)
class OtherPacking(Cause):
    """The members are the same; the package around them is another."""


@dataclass(frozen=True, slots=True)
class UnreadablePackage(Cause):
    """One of the two packages cannot be read: its reader's message."""

    problem: str
