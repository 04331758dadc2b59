"""Why a member of a rebuilt package differs from the shipped one."""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Cause


@dataclass(frozen=True, slots=True)
class NotInRebuild(Cause):
    """The rebuilt package does not have the member."""


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
    """The permission bits differ."""

    shipped: int
    rebuilt: int


@dataclass(frozen=True, slots=True)
class OtherOwner(Cause):
    """The member has another owner: user and group, as far as the package states them."""

    shipped: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class OtherContents(Cause):
    """The rebuilt file has different contents."""


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
    """The members are the same; the package's container differs."""


@dataclass(frozen=True, slots=True)
class UnreadablePackage(Cause):
    """One of the two packages cannot be read: its reader's message."""

    problem: str
