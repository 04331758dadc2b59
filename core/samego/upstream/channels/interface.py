"""A channel: a place where upstream publishes its files, behind one interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from samego.model.release import Release, Target
from samego.model.verification import Verification

#: Forms of a posted file. ``archive``: go.dev/dl's tar.gz or zip; ``module``: the zip of
#: golang.org/toolchain; ``source``: the src.tar.gz; ``installer``: the .pkg or .msi, which is
#: never treated as a toolchain.
FORMS = ("archive", "module", "source", "installer")

#: What the module form leaves out of the binary archive (cmd/distpack/pack.go).
MODULE_LEAVES_OUT = ("api/", "doc/", "misc/", "test/")


@dataclass(frozen=True, slots=True)
class Posted:
    """One posted file, downloaded and verified.

    ``sha256`` is of the whole file. ``verified`` is empty only when the user asked for
    an unverified file by a flag: then no verdict is better than unproven. ``expected_h1`` is
    the ``h1:`` hash that the checksum database gives a module zip, found again in it. One that
    is not ``confirmed`` was built here, and no source states its checksum. ``log_proof`` is the
    text of the proof that a module zip is in the checksum database (c2sp.org/tlog-proof), for
    others; empty where there is none.
    """

    channel: str
    form: str
    release: Release
    target: Target | None
    url: str
    path: Path
    sha256: str
    verified: tuple[Verification, ...]
    expected_h1: str = ""
    confirmed: bool = True
    log_proof: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One file that a channel says it posts; ``sha256`` is empty where the index has none."""

    release: Release
    target: Target | None
    name: str
    sha256: str = ""


class Channel(Protocol):
    """A channel. Raises NetworkError when it does not answer, NotPostedError for a missing file."""

    name: str

    def listing(self) -> Iterable[Listing]:
        """What the channel posts, newest release first."""

    def fetch(self, release: Release, target: Target) -> Posted:
        """The binary archive or module of a release and target, verified, in the cache."""

    def fetch_source(self, release: Release) -> Posted:
        """The source archive of a release, verified, in the cache."""


@runtime_checkable
class InstallerChannel(Protocol):
    """A channel that has installers too. Raises what a channel raises."""

    name: str

    def fetch_installer(self, release: Release, target: Target) -> Posted:
        """The installer of a release and target, verified."""
