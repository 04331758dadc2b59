"""What plugins share: an opened shipment, and reading the small files that identify one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

from samego.distro.interface import Claims, Packaging, SelfDescription
from samego.distro.version_file import read_version
from samego.errors import InputError, UnknownReleaseError, VerificationError
from samego.formats.tree.root import Root, shown
from samego.model.inputs import Inputs
from samego.model.policy import Policy
from samego.model.release import Release, Target
from samego.model.subject import Subject
from samego.model.tree import Tree
from samego.system.hashing import sha256_file

#: The longest file of an installation that is read whole, in bytes: a changelog, a list of files.
_MOST_INSTALLED = 64 << 20


@dataclass
class OpenShipment:
    """One toolchain as a distro ships it (the core's Shipment protocol), read by ``reader``."""

    subject: Subject
    policy: Policy
    inputs: Inputs
    notes: tuple[str, ...]
    reader: Callable[[Container[str]], Tree] = field(repr=False)
    source_archive: Path | None = None
    packaging: Packaging | None = None
    claims: Claims | None = None
    self_description: SelfDescription = field(default_factory=SelfDescription)
    withheld: frozenset[str] = frozenset()

    def read(self, known: Container[str]) -> Tree:
        """Read the payload in one pass (see Shipment.read)."""
        return self.reader(known)


def parse_version_file(data: bytes, *, name: str, given: Release | None = None) -> Release:
    """The release that a VERSION file names in its first line, whatever follows it there.

    ``given`` is the release that the user named; it counts where the file names none (a
    snapshot's says "devel"). Raises UnknownReleaseError where neither names one.
    """
    try:
        return read_version(data, name=name).release
    except UnknownReleaseError:
        if given is None:
            raise
        return given


def target_on_disk(root: Root, goroot: str) -> Target:
    """The target whose tools lie in pkg/tool of an unpacked GOROOT below a root.

    Raises InputError when there are tools for none or several, or for no Go target.
    """
    names = [name for name in root.names(f"{goroot}/pkg/tool") if "_" in name]
    place = shown(root, goroot)
    if len(names) != 1:
        raise InputError(
            f"{place} has the tools of {len(names)} targets", hint="give a whole toolchain"
        )
    try:
        return Target.parse(names[0].replace("_", "-", 1))
    except UnknownReleaseError as error:
        raise InputError(
            f"{place} has tools for {names[0]!r}, which is no Go target",
            hint="give a toolchain with the tools of one GOOS_GOARCH",
        ) from error


def read_installed(root: Root, path: str) -> bytes:
    """A small file of an installation. Raises InputError when it cannot be read."""
    try:
        return root.read(path, _MOST_INSTALLED)
    except OSError as error:
        raise InputError(
            f"{shown(root, path)} cannot be read ({error.strerror})", hint="check the installation"
        ) from error


def listed_file(directory: Path, name: str, digest: str, size: int) -> Path:
    """The file that a list names: the one of that name, else one with that sha256 and size.

    Browsers and file systems change names, not contents. Where there is neither, the path of that
    name, which does not exist.
    """
    named = directory / name
    with contextlib.suppress(OSError, ValueError):
        if named.exists():
            return named
        for other in sorted(directory.iterdir()):
            if other.is_file() and other.stat().st_size == size and sha256_file(other) == digest:
                return other
    return named


def check_file(file: Path, digest: str, size: int, *, listed_in: str) -> None:
    """Check a file against a list. Raises InputError (missing) or VerificationError."""
    try:
        # A name may be too long for a file, or none at all: then there is no such file.
        found = (file.stat().st_size, sha256_file(file)) if file.is_file() else None
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file.name[:80]!r}, which {listed_in} lists, cannot be read ({error})",
            hint="get both again",
        ) from error
    if found is None:
        raise InputError(
            f"{file.name} is missing; {listed_in} lists it",
            hint=f"put it into {file.parent}",
        )
    if found != (size, digest):
        raise VerificationError(
            f"{file.name} is not the file that {listed_in} lists (sha256 or size differ)",
            hint="get both again",
        )
