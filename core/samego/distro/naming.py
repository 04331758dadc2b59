"""How a distro names and orders packages: what its trackers need beside a report.

A plugin registers one object under the entry point group ``samego.namings``, with the name that
its reports have as the subject's distro.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

from samego.distro.plugins import load, registered
from samego.errors import InputError, SamegoError
from samego.model.subject import Package, Subject

GROUP = "samego.namings"


@dataclass(frozen=True, slots=True)
class SourceName:
    """A source package (Arch's pkgbase): its name, and its version as trackers spell it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Fetching:
    """How to fetch a source package: a shell command, and the file that it writes, for --source."""

    command: str
    file: str


class Naming(Protocol):
    """One distro's names. Versions and names come from a report: anything may be in them."""

    #: What rebuilderd calls the distro.
    rebuilderd: str

    def source(self, package: Package) -> SourceName:
        """The source package that a package was built from. Raises InputError."""

    def file_name(self, package: Package) -> str:
        """The name of a package's file, as the distro's archive spells it."""

    def where_to_get(self, package: Package) -> tuple[str, ...]:
        """How to get a package's file: commands and addresses, the easiest first."""

    def fetching(self, source: SourceName) -> Fetching:
        """How a user fetches a source package with the distro's own tools."""

    def package_url(self, source: SourceName) -> str:
        """The package URL of a source package (package-url/purl-spec)."""

    def version_key(self, version: str) -> Any:  # noqa: ANN401 - only its order matters
        """A sort key that orders versions as the distro does. Raises InputError."""


def naming_of(distro: str) -> Naming:
    """The naming of a report's distro.

    Raises InputError where no plugin gives it, ConfigError for one that cannot be loaded.
    """
    point = registered(GROUP).get(distro)
    if point is None:
        raise InputError(
            f"no installed plugin knows the package names of {distro!r}",
            hint="install the distro's plugin",
        )
    return cast("Naming", load(point))


def fetching_of(subject: Subject) -> Fetching | None:
    """How to fetch the source package of what was checked; None where no plugin knows."""
    try:
        naming = naming_of(subject.distro)
        return naming.fetching(naming.source(subject.packages[0]))
    except (SamegoError, IndexError):
        return None
