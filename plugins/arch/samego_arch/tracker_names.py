"""Arch's names for its trackers: the pkgbase, file names, the order of versions."""

from __future__ import annotations

from samego.distro.naming import SourceName
from samego.model.subject import Package
from samego_arch.version import SUFFIXES, ArchVersion, FileName


class ArchNaming:
    """The core's Naming protocol."""

    rebuilderd = "archlinux"

    def source(self, package: Package) -> SourceName:
        """The pkgbase, which is the package's name: go is built from go alone."""
        return SourceName(package.name, package.version)

    def file_name(self, package: Package) -> str:
        """``go-2:1.27.0-1-x86_64.pkg.tar.zst``, as Arch's own repositories compress it."""
        return str(FileName(package.name, package.version, package.architecture, SUFFIXES[0]))

    def version_key(self, version: str) -> ArchVersion:
        """The version in libalpm's order. Raises InputError for what is none."""
        return ArchVersion(version)


NAMING = ArchNaming()
