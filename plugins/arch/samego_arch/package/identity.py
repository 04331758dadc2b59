"""What a package is: one Go toolchain, its release, target and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from samego.distro.interface import Remark, SelfDescription, Statement
from samego.distro.shipment import parse_version_file
from samego.errors import InputError
from samego.model.causes.packages import OtherEpoch
from samego.model.policy import Policy
from samego.model.proof import Standing
from samego.model.release import Release
from samego.model.subject import Package, Subject
from samego.system.hashing import sha256_file
from samego_arch.architectures import Architecture, architecture
from samego_arch.package.package_file import GOROOT, PACKAGE, VERSION_FILE, ArchPackage
from samego_arch.package.pkginfo import NAME, RecipeFields, judge_pkginfo
from samego_arch.version import ArchVersion, FileName

#: The epoch of Arch's package go.
EPOCH = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject of a check with what only Arch has.

    ``fields`` are those of .PKGINFO; ``named`` is true where something states the version.
    """

    subject: Subject
    architecture: Architecture
    version: ArchVersion
    notes: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: bool = True


def identify(package: ArchPackage, given: Release | None = None) -> Identity:
    """Say what a package file is; ``given`` is the release where its VERSION names none.

    Raises InputError for one that is no Go toolchain.
    """
    info = package.info
    if info.name != PACKAGE or package.version_file is None:
        lacks = "" if info.name != PACKAGE else f": it has no {VERSION_FILE}"
        raise InputError(
            f"{package.name} ({info.name}) is not a Go toolchain{lacks}",
            hint="give the package go",
        )
    arch = architecture(info.architecture)
    release = parse_version_file(package.version_file, name=package.name, given=given)
    shipped = Package(
        info.name, info.version.text, info.architecture, sha256_file(package.path), package.path
    )
    return Identity(
        Subject("arch", (shipped,), release, arch.target, GOROOT),
        arch,
        info.version,
        _name_notes(package),
        info.fields,
    )


def self_description_of(
    identity: Identity, policy: Policy, recipe: RecipeFields | None = None
) -> SelfDescription:
    """What a package says of itself. A version that nothing states is no statement."""
    version, path = identity.version, f"/{NAME}:pkgver"
    if not identity.named:
        return SelfDescription(identity.subject.release)
    stated = Statement(path, "the package's version", version.text, version.release)
    remarks = tuple(judge_pkginfo(identity.fields, PACKAGE, policy, recipe))
    if version.epoch != EPOCH:
        cause = OtherEpoch(
            str(version), str(version.epoch), "pacman", f"Arch's {PACKAGE}", str(EPOCH)
        )
        remarks += (Remark(path, "identity", Standing.UNEXPLAINED, (cause,)),)
    return SelfDescription(identity.subject.release, (stated,), remarks)


def _name_notes(package: ArchPackage) -> tuple[str, ...]:
    """A note where the file is named as another package."""
    named = FileName.parse(package.name)
    info = package.info
    # Some file systems have no colon, and what copies to them writes an underscore.
    if named is None or (named.name, named.version.replace("_", ":", 1), named.architecture) in (
        (info.name, info.version.text, info.architecture),
        (info.name, info.version.text.replace("_", ":", 1), info.architecture),
    ):
        return ()
    stated = f"{named.name} {named.version} {named.architecture}"
    inside = f"{info.name} {info.version} {info.architecture}"
    return (f"the file's name says {stated}, its content is {inside}",)
