"""What is checked: packages, their release and target, and GOROOT in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samego.model.release import Release, Target


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the distro as it was read; ``sha256`` is empty for installed files."""

    name: str
    version: str
    architecture: str
    sha256: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked. ``goroot`` is GOROOT's path in the payload, without a leading slash.

    ``payload`` identifies files for which there is no package file: the digest of all installed
    entries (:func:`samego.model.tree.digest`), else empty.
    """

    distro: str
    packages: tuple[Package, ...]
    release: Release
    target: Target
    goroot: str
    payload: str = ""
