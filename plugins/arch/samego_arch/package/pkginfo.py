"""``.PKGINFO``: what a package is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from samego.distro.interface import Remark
from samego.model.fields import of_form
from samego.model.policy import Policy
from samego.model.proof import Standing
from samego_arch.package.field_table import rows
from samego_arch.package.metadata import parse_fields
from samego_arch.version import ArchVersion

NAME = ".PKGINFO"
#: A package's name (PKGBUILD(5)).
PACKAGE_NAME = r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*"


@dataclass(frozen=True, slots=True)
class PkgInfo:
    """A package's identity, and all its ``fields``.

    ``builddate`` is in seconds since 1970, ``size`` in bytes.
    """

    name: str
    base: str
    version: ArchVersion
    architecture: str
    builddate: int
    packager: str
    size: int
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse_pkginfo(data: bytes, *, name: str) -> PkgInfo:
    """Read a .PKGINFO. Raises InputError for one that is not as makepkg writes it."""
    fields = parse_fields(data, name=f"{name}'s {NAME}", known=of_form(rows(), NAME))
    package = fields.one("pkgname", PACKAGE_NAME)
    return PkgInfo(
        package,
        fields.one("pkgbase", PACKAGE_NAME) if "pkgbase" in fields else package,
        ArchVersion(fields.one("pkgver")),
        fields.one("arch", r"[a-z0-9_]+"),
        fields.seconds("builddate"),
        fields.one("packager"),
        int(fields.one("size", r"\d{1,15}")),
        dict(fields),
    )


def judge_pkginfo(
    fields: Mapping[str, tuple[str, ...]], package: str, policy: Policy
) -> Iterator[Remark]:
    """A remark for every key with values that the policy does not declare."""
    rules = policy.fields_of(package)
    for row in of_form(rows(), NAME).values():
        if not row.undeclared:
            continue
        strange = [
            value
            for value in fields.get(row.field, ())
            if not any(rule.field == row.field and rule.declares(value, "") for rule in rules)
        ]
        if strange:
            acts = row.acts or "nobody; pacman shows it"
            yield Remark(
                f"/{NAME}:{row.field}",
                "field",
                Standing(row.undeclared),
                f"{row.field}: {', '.join(strange)}, which Arch's {package} does not have",
                f"who acts on it: {acts}",
            )
