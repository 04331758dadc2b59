"""``.BUILDINFO``: how a package was built (BUILDINFO(5))."""

from __future__ import annotations

from dataclasses import dataclass

from samego.errors import VerificationError
from samego.model.fields import of_form
from samego_arch.package.field_table import rows
from samego_arch.package.metadata import parse_fields
from samego_arch.package.pkginfo import PACKAGE_NAME, PkgInfo
from samego_arch.version import ArchVersion

NAME = ".BUILDINFO"


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A build's record. ``installed`` are the packages of its system, ``NAME-VERSION-ARCH``.

    ``pkgbuild_sha256`` is the digest of the recipe; ``options`` and ``buildenv`` are as
    makepkg.conf and the recipe set them.
    """

    name: str
    base: str
    version: ArchVersion
    architecture: str
    pkgbuild_sha256: str
    packager: str
    builddate: int
    builddir: str
    buildtool: str
    options: tuple[str, ...]
    buildenv: tuple[str, ...]
    installed: tuple[str, ...]


def parse_buildinfo(data: bytes, *, name: str) -> BuildRecord:
    """Read a .BUILDINFO of format 1 or 2. Raises InputError for anything else."""
    fields = parse_fields(data, name=f"{name}'s {NAME}", known=of_form(rows(), NAME))
    fields.one("format", r"[12]")
    tool = [fields.one(key) for key in ("buildtool", "buildtoolver") if key in fields]
    return BuildRecord(
        name=fields.one("pkgname", PACKAGE_NAME),
        base=fields.one("pkgbase", PACKAGE_NAME),
        version=ArchVersion(fields.one("pkgver")),
        architecture=fields.one("pkgarch", r"[a-z0-9_]+"),
        pkgbuild_sha256=fields.one("pkgbuild_sha256sum", r"[0-9a-f]{64}"),
        packager=fields.one("packager"),
        builddate=fields.seconds("builddate"),
        builddir=fields.one("builddir"),
        buildtool=" ".join(tool),
        options=fields.get("options", ()),
        buildenv=fields.get("buildenv", ()),
        installed=fields.get("installed", ()),
    )


def check_agrees(build: BuildRecord, package: PkgInfo, *, name: str) -> None:
    """Raise VerificationError for a package whose two records are not of one build."""
    pairs = {
        "pkgname": (package.name, build.name),
        "pkgbase": (package.base, build.base),
        "pkgver": (package.version.text, build.version.text),
        "arch": (package.architecture, build.architecture),
        "builddate": (package.builddate, build.builddate),
        "packager": (package.packager, build.packager),
    }
    for key, (ours, theirs) in pairs.items():
        if ours != theirs:
            raise VerificationError(
                f"{name} contradicts itself: {key} is {ours} in .PKGINFO and {theirs} in {NAME}",
                hint="do not install it; get the package again from its source",
            )
