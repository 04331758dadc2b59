"""What a package is: one Go toolchain, its release, target and version."""

from __future__ import annotations

from dataclasses import dataclass

from samego.distro import Package, Subject
from samego.errors import InputError
from samego.shipping import file_sha256, parse_version_file, version_notes
from samego_arch.architectures import Architecture, architecture
from samego_arch.package import GOROOT, PACKAGE, VERSION_FILE, ArchPackage
from samego_arch.version import ArchVersion, FileName


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject of a check with what only Arch knows of it."""

    subject: Subject
    architecture: Architecture
    version: ArchVersion
    notes: tuple[str, ...]


def identify(package: ArchPackage) -> Identity:
    """Say what a package file is. Raises InputError for one that is no Go toolchain."""
    info = package.info
    if info.name != PACKAGE or package.version_file is None:
        lacks = "" if info.name != PACKAGE else f": it has no {VERSION_FILE}"
        raise InputError(
            f"{package.name} ({info.name}) is no Go toolchain{lacks}",
            hint="give the package go",
        )
    arch = architecture(info.architecture)
    release = parse_version_file(package.version_file, name=package.name)
    shipped = Package(
        info.name, info.version.text, info.architecture, file_sha256(package.path), package.path
    )
    notes = version_notes(info.version, info.version.release, release)
    notes += _name_notes(package)
    return Identity(
        Subject("arch", (shipped,), release, arch.target, GOROOT), arch, info.version, notes
    )


def _name_notes(package: ArchPackage) -> tuple[str, ...]:
    """A note where the file is named as another package."""
    named = FileName.parse(package.name)
    info = package.info
    if named is None or (named.name, named.version, named.architecture) == (
        info.name,
        info.version.text,
        info.architecture,
    ):
        return ()
    said = f"{named.name} {named.version} {named.architecture}"
    return (f"the file is named as {said}, it is {info.name} {info.version} {info.architecture}",)
