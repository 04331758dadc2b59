"""What is checked: packages, their release and target, and GOROOT in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samego.model.release import Release, Target

#: Top directories below which packages of a distro lie (Filesystem Hierarchy Standard 3.0).
_TOPS = ("usr", "opt")


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

    @property
    def place(self) -> str:
        """Where GOROOT lies when the packages are installed, absolute.

        Empty for what is unpacked anywhere: a directory, a wheel.
        """
        top = self.goroot.lstrip("/").partition("/")[0]
        return f"/{self.goroot.lstrip('/')}" if top in _TOPS else ""
