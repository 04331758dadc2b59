"""Checksum sources: authorities that state the sums of files, compared with each other.

An authority states which sha256 a file of go.dev/dl has: go.dev's own index, the announced sums, an
index saved in a mirror. If two disagree, that is an error that names both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from samego.errors import NetworkError, NotPostedError, VerificationError
from samego.model.verification import Verification
from samego.upstream.checksums.announced import announced_name, announced_sum, load


class UnverifiedError(VerificationError):
    """No available checksum source knows these bytes, which proves nothing about them."""


class Authority(Protocol):
    """A source of checksums. Raises NetworkError when it does not answer."""

    def sum_of(self, name: str) -> str | None:
        """The sha256 (lower-case hex) of the file of this name, if it is known."""

    def name_of(self, sha256: str) -> str | None:
        """The name of the file with this sha256, if it is known."""

    def verification(self) -> Verification:
        """How a file is verified by this authority, and what that rests on."""


class AnnouncedSums:
    """The sums that public repositories announce (samego.upstream.checksums.announced)."""

    def sum_of(self, name: str) -> str | None:
        """The announced sum of this name."""
        return announced_sum(name)

    def name_of(self, sha256: str) -> str | None:
        """The name whose announced sum this is."""
        return announced_name(sha256)

    def verification(self) -> Verification:
        """Rests on the repositories that the data names."""
        first = load().sources[0].partition(":")[0]
        return Verification(
            how="sha256, as announced",
            rests_on=f"the sums that public repositories recorded ({first} and others)",
        )


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the authorities say of one file.

    ``name`` is its name on go.dev/dl, or empty; ``sha256`` is the sum that it must have, or empty
    where none is known. ``unasked`` says, for each authority that did not answer, why.
    """

    name: str
    sha256: str
    verified: tuple[Verification, ...]
    unasked: tuple[NetworkError | NotPostedError, ...]


def expected_sum(name: str, authorities: Iterable[Authority]) -> Opinion:
    """The sum that the file of this name must have, and which authorities state it.

    Raises VerificationError, naming both, when two authorities disagree.
    """
    sha256 = ""
    verified: list[Verification] = []
    unasked: list[NetworkError | NotPostedError] = []
    for authority in authorities:
        try:
            stated = authority.sum_of(name)
        except (NetworkError, NotPostedError) as error:
            unasked.append(error)
            continue
        if not stated:
            continue
        if sha256 and stated != sha256:
            raise VerificationError(
                f"{name} has sha256 {sha256} by {_who(verified[0])},"
                f" but {stated} by {_who(authority.verification())}",
                hint="use neither: find out which of the two was changed",
            )
        sha256 = stated
        verified.append(authority.verification())
    return Opinion(name, sha256, tuple(verified), tuple(unasked))


def recognised(sha256: str, authorities: Iterable[Authority]) -> Opinion:
    """The posted file with this sum, under any local name, and which authorities state it.

    Raises VerificationError when two authorities disagree on that file.
    """
    known = tuple(authorities)
    unasked: list[NetworkError | NotPostedError] = []
    for authority in known:
        try:
            name = authority.name_of(sha256)
        except (NetworkError, NotPostedError) as error:
            unasked.append(error)
            continue
        if name:
            return expected_sum(name, known)
    return Opinion("", "", (), tuple(unasked))


def _who(verification: Verification) -> str:
    return f"{verification.rests_on} ({verification.how})"
