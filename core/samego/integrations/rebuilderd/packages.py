"""Upstream's archives as packages of rebuilderd's distribution ``go``.

Format: rebuilderd 0.28, common/src/api/v1/models/package.rs (PackageReport). One report is
the whole of a group (distribution, release, architecture): the daemon takes whatever else
it has of that group for gone, and drops the jobs that wait for it.

``go1.24.4.linux-amd64.tar.gz`` is the package ``go.linux-amd64`` 1.24.4 of release go1.24,
component linux, architecture amd64. A name of its own for each target keeps their builds
apart where rebuilderd knows an input by its name and version alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from samego.model.release import Release, Target, archive_name
from samego.upstream.channels.interface import Listing

DISTRIBUTION = "go"
#: How many lines upstream supports at a time (go.dev/doc/devel/release).
SUPPORTED_LINES = 2
#: Its executables carry signatures that only upstream can make: rebuilderd, which compares
#: bytes, would call every one of them BAD.
SIGNED = "darwin"


@dataclass(frozen=True, slots=True, order=True)
class Published:
    """One archive: a package with itself as its only artifact."""

    name: str
    version: str
    component: str
    url: str

    @property
    def key(self) -> tuple[str, str]:
        """What the daemon knows an input by."""
        return self.name, self.version


@dataclass(frozen=True, slots=True)
class PackageReport:
    """The whole of a group. ``release`` is a line (go1.24)."""

    release: str
    architecture: str
    packages: tuple[Published, ...]
    distribution: str = DISTRIBUTION

    def to_object(self) -> dict[str, object]:
        """As the API and ``rebuildctl pkgs sync-stdin`` read it."""
        return {
            "distribution": self.distribution,
            "release": self.release,
            "architecture": self.architecture,
            "packages": [_package(package, self.architecture) for package in self.packages],
        }

    def on_top_of(self, known: Iterable[Published]) -> PackageReport:
        """This group with what the daemon has of it already; this one's URLs count."""
        every = {package.key: package for package in known}
        every.update({package.key: package for package in self.packages})
        packages = tuple(sorted(every.values()))
        return PackageReport(self.release, self.architecture, packages, self.distribution)


def newest(releases: Iterable[Release]) -> tuple[Release, ...]:
    """The newest release of each line that upstream supports, the newest first."""
    final = sorted((each for each in set(releases) if not each.pre), reverse=True)
    first = [next(group) for _, group in groupby(final, key=lambda each: each.minor)]
    return tuple(first[:SUPPORTED_LINES])


def package_reports(
    listings: Iterable[Listing],
    releases: Sequence[Release],
    targets: Sequence[Target],
    base: str,
) -> tuple[PackageReport, ...]:
    """The groups of these releases, sorted; without ``targets`` all but macOS's.

    ``base`` is the URL of the directory that the archives lie in.
    """
    groups: dict[tuple[int, str], set[Published]] = {}
    for listing in listings:
        target = listing.target
        if target is None or listing.release not in releases:
            continue
        if listing.name != archive_name(listing.release, target):
            continue  # an installer
        if target not in targets if targets else target.goos == SIGNED:
            continue
        package = Published(
            f"go.{target.posted}",
            str(listing.release).removeprefix("go"),
            target.goos,
            f"{base.rstrip('/')}/{listing.name}",
        )
        groups.setdefault((listing.release.minor, target.posted_arch), set()).add(package)
    return tuple(
        PackageReport(f"go1.{minor}", architecture, tuple(sorted(packages)))
        for (minor, architecture), packages in sorted(groups.items())
    )


def _package(package: Published, architecture: str) -> dict[str, object]:
    return {
        "name": package.name,
        "version": package.version,
        "url": package.url,
        "artifacts": [
            {
                "name": package.name,
                "version": package.version,
                "component": package.component,
                "architecture": architecture,
                "url": package.url,
            }
        ],
    }
