"""Arch's names for its trackers: the pkgbase, file names, the order of versions."""

from __future__ import annotations

import shlex
from urllib.parse import quote

from samego.distro.naming import Fetching, SourceName
from samego.errors import InputError
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

    def where_to_get(self, package: Package) -> tuple[str, ...]:
        """From Arch's archive, which keeps every version (archive.archlinux.org)."""
        name, file = quote(package.name), quote(self.file_name(package))
        return (f"https://archive.archlinux.org/packages/{name[:1]}/{name}/{file}",)

    def fetching(self, source: SourceName) -> Fetching:
        """By devtools, from Arch's packaging repositories (pkgctl-repo-clone(1))."""
        if source.name.startswith("-") or source.version.startswith("-"):
            raise InputError(
                f"{source.name!r} {source.version!r} is no package of Arch",
                hint="give a report on Arch's go",
            )
        version, name = shlex.quote(source.version), shlex.quote(source.name)
        command = f"pkgctl repo clone --protocol https --switch {version} {name}"
        return Fetching(command, f"{source.name}/PKGBUILD")

    def package_url(self, source: SourceName) -> str:
        """``pkg:alpm/arch/go@2:1.27.0-1`` (purl-spec, types/alpm)."""
        return f"pkg:alpm/arch/{quote(source.name)}@{quote(source.version, safe=':~')}"

    def version_key(self, version: str) -> ArchVersion:
        """The version in libalpm's order. Raises InputError for an invalid one."""
        return ArchVersion(version)


NAMING = ArchNaming()
