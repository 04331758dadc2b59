"""Debian's names for its trackers: source packages, file names, the order of versions."""

from __future__ import annotations

import shlex
from urllib.parse import quote

from samego.distro.naming import Fetching, SourceName
from samego.errors import InputError
from samego.model.subject import Package
from samego_debian.package.identity import TOOLCHAIN_PACKAGE
from samego_debian.version import DebianVersion


class DebianNaming:
    """The core's Naming protocol."""

    rebuilderd = "debian"

    def source(self, package: Package) -> SourceName:
        """``golang-1.24`` of ``golang-1.24-go``; a binary-only rebuild has its source's version.

        Raises InputError for a package that is no part of a toolchain.
        """
        match = TOOLCHAIN_PACKAGE.fullmatch(package.name)
        if match is None:
            raise InputError(
                f"{package.name!r} is no package of a Go toolchain of Debian",
                hint="give a report on golang-1.x",
            )
        return SourceName(f"golang-{match['line']}", self.version_key(package.version).source)

    def file_name(self, package: Package) -> str:
        """``golang-1.24-go_1.24.4-1_amd64.deb``: without the epoch (deb-version(7))."""
        version = package.version.partition(":")[2] or package.version
        return f"{package.name}_{version}_{package.architecture}.deb"

    def where_to_get(self, package: Package) -> tuple[str, ...]:
        """From a mirror while it serves that version, and from snapshot.debian.org for good."""
        source = self.source(package)
        named = shlex.quote(f"{package.name}={package.version}")
        page = f"{quote(source.name)}/{quote(str(source.version))}"
        return (
            f"apt-get download {named}",
            f"https://snapshot.debian.org/package/{page}/",
        )

    def fetching(self, source: SourceName) -> Fetching:
        """By apt, from whichever suite its sources name (apt-get(8))."""
        version = str(source.version)
        named = shlex.quote(f"{source.name}={version}")
        file = f"{source.name}_{version.partition(':')[2] or version}.dsc"
        return Fetching(f"apt-get source --download-only {named}", file)

    def package_url(self, source: SourceName) -> str:
        """``pkg:deb/debian/golang-1.24@1.24.4-1?arch=source`` (purl-spec, types/deb)."""
        version = quote(str(source.version), safe=":~")
        return f"pkg:deb/debian/{quote(source.name)}@{version}?arch=source"

    def version_key(self, version: str) -> DebianVersion:
        """The version in dpkg's order. Raises InputError for an invalid one."""
        return DebianVersion(version)


NAMING = DebianNaming()
