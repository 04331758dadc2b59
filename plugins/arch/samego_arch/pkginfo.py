"""``.PKGINFO``: what a package is."""

from __future__ import annotations

from dataclasses import dataclass

from samego_arch.fields import parse_fields
from samego_arch.version import ArchVersion

NAME = ".PKGINFO"
_LISTS = (
    *("license", "replaces", "group", "conflict", "provides", "backup", "depend", "optdepend"),
    *("makedepend", "checkdepend", "makepkgopt", "xdata"),
)
#: A package's name (PKGBUILD(5)).
PACKAGE_NAME = r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*"


@dataclass(frozen=True, slots=True)
class PkgInfo:
    """A package's identity. ``builddate`` is in seconds since 1970, ``size`` in bytes."""

    name: str
    base: str
    version: ArchVersion
    architecture: str
    builddate: int
    packager: str
    size: int


def parse_pkginfo(data: bytes, *, name: str) -> PkgInfo:
    """Read a .PKGINFO. Raises InputError for one that is not as makepkg writes it."""
    fields = parse_fields(data, name=f"{name}'s {NAME}", lists=_LISTS)
    package = fields.one("pkgname", PACKAGE_NAME)
    return PkgInfo(
        package,
        fields.one("pkgbase", PACKAGE_NAME) if "pkgbase" in fields else package,
        ArchVersion(fields.one("pkgver")),
        fields.one("arch", r"[a-z0-9_]+"),
        fields.seconds("builddate"),
        fields.one("packager"),
        int(fields.one("size", r"\d{1,15}")),
    )
