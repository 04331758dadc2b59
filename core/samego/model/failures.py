"""What no longer works because a file is not the one that the tree pins.

``compare/pins.toml`` says which of these follows from which pin.
"""

from __future__ import annotations

from dataclasses import dataclass

from samego.model.value import Failure


@dataclass(frozen=True, slots=True)
class FipsBuild(Failure):
    """Building with ``GOFIPS140=snapshot``: cmd/go checks ``zip`` before it unpacks it."""

    snapshot: str
    zip: str


@dataclass(frozen=True, slots=True)
class UncheckedSum(Failure):
    """Nothing that users run: ``zip`` has a sum that only the test of ``package`` checks."""

    zip: str
    package: str


@dataclass(frozen=True, slots=True)
class SentFile(Failure):
    """The tests of ``package`` whose names have ``test``: they send the file."""

    package: str
    test: str


@dataclass(frozen=True, slots=True)
class SnapshotScript(Failure):
    """The test of ``package`` that runs ``script``, which expects other contents of the file."""

    package: str
    script: str


@dataclass(frozen=True, slots=True)
class NoPin(Failure):
    """A ``line`` of the file that should hold pins says nothing that can be checked."""

    line: str


@dataclass(frozen=True, slots=True)
class ToldFailure(Failure):
    """What reached samego as a sentence with a command: from a report of an earlier version."""

    sentence: str
    command: str
