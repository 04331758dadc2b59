"""The site's first page: what needs work now and why, and where each package stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from samego.history.changes import Change
from samego.history.record import Line, Waiting
from samego.site import places
from samego.site.past import Past, newest_first
from samego.site.rebuilt import Release, releases
from samego.site.words import UNCHECKED, Status, natural, reason_of, status_of

#: The overview shows so many changes, and rebuilds of so many releases.
_LATELY = 10
_RELEASES = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one version stands on one architecture; ``page`` is empty without a report."""

    architecture: str
    status: Status | None
    page: str = ""
    again: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a package, with a cell for each architecture of its table."""

    package: str
    page: str
    version: str
    release: str
    suites: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def rank(self) -> int:
        """The worst cell's."""
        return max((cell.status.rank for cell in self.cells if cell.status), default=0)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The packages of one distro by architecture."""

    distro: str
    architectures: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A version that is not good, on the architectures where it is so for the same reason.

    ``since`` is the first bad version with the time at which it was found, where another
    one was good before; ``good`` is that other one.
    """

    status: Status
    distro: str
    package: str
    page: str
    version: str
    suites: tuple[str, ...]
    cells: tuple[Cell, ...]
    reason: str
    first: str
    good: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows. ``needs`` and ``unproven`` have the worst first."""

    as_of: datetime | None
    packages: int
    good: int
    needs: tuple[Need, ...]
    unproven: tuple[Need, ...]
    matrices: tuple[Matrix, ...]
    lately: tuple[Change, ...]
    changes: int
    releases: tuple[Release, ...]
    waiting: tuple[Waiting, ...]
    files: tuple[str, ...]


def overview(past: Past, files: Sequence[str]) -> Overview:
    """The page's contents; ``files`` are the paths of what trackers read."""
    needs = sorted(_needs(past), key=_urgency)
    bad = {(need.distro, need.package) for need in needs}
    names = {(line.distro, line.package) for line, _version in past.newest}
    return Overview(
        as_of=past.as_of,
        packages=len(names),
        good=len(names - bad),
        needs=tuple(need for need in needs if need.status.needs_work),
        unproven=tuple(need for need in needs if not need.status.needs_work),
        matrices=tuple(_matrix(past, distro) for distro in past.distros),
        lately=tuple(past.changes[:_LATELY]),
        changes=len(past.changes),
        releases=releases(past.rebuilds)[:_RELEASES],
        waiting=tuple(past.waiting),
        files=tuple(files),
    )


def row(past: Past, distro: str, package: str, version: str, architectures: Sequence[str]) -> Row:
    """One version of a package."""
    cells = []
    suites: set[str] = set()
    release = ""
    for architecture in architectures:
        line = Line(distro, package, architecture)
        run = past.newest.get((line, version))
        held = past.suites.get((line, version), ())
        suites.update(held)
        if run is None:
            cells.append(Cell(architecture, UNCHECKED if held else None))
            continue
        release = run.release
        again = next(len(group) for group in past.lines[line] if group[-1].version == version) - 1
        cells.append(Cell(architecture, status_of(run), places.report(run.digest), again))
    known = any((Line(distro, package, name), version) in past.newest for name in architectures)
    page = places.package(distro, package) if known or (distro, package) in past.packages else ""
    return Row(package, page, version, release, tuple(sorted(suites)), tuple(cells))


def _matrix(past: Past, distro: str) -> Matrix:
    versions: defaultdict[str, set[str]] = defaultdict(set)
    seen: Counter[str] = Counter()
    for line, version in past.current():
        if line.distro == distro:
            versions[line.package].add(version)
            seen[line.architecture] += 1
    architectures = tuple(sorted(seen, key=lambda name: (-seen[name], name)))
    return Matrix(
        distro,
        architectures,
        tuple(
            row(past, distro, package, version, architectures)
            for package in sorted(versions, key=natural, reverse=True)
            for version in newest_first(distro, versions[package])
        ),
    )


def _needs(past: Past) -> Iterator[Need]:
    """What is not good now, one entry for the architectures that have it in common."""
    alike: defaultdict[tuple[str, str, str, Status, str], list[Line]] = defaultdict(list)
    for line, version in past.current():
        run = past.newest.get((line, version))
        if run is not None and not (status := status_of(run)).good:
            alike[line.distro, line.package, version, status, reason_of(run)].append(line)
    for (distro, package, version, status, reason), lines in alike.items():
        found = [past.newest[line, version] for line in lines]
        held = {suite for line in lines for suite in past.suites.get((line, version), ())}
        falls = [past.falls[line] for line in lines if line in past.falls]
        fall = min((f for f in falls if f.good), key=lambda f: f.since, default=None)
        yield Need(
            status=status,
            distro=distro,
            package=package,
            page=places.package(distro, package),
            version=version,
            suites=tuple(sorted(held)),
            cells=tuple(Cell(r.architecture, status, places.report(r.digest)) for r in found),
            reason=reason,
            first=fall.bad.version if fall else "",
            good=fall.good.version if fall and fall.good else "",
            since=fall.since if fall else None,
        )


def _urgency(need: Need) -> tuple[object, ...]:
    """The worst first; of these what a suite holds, the newest package first."""
    newest = [(-number, text) for number, text in natural(need.package)]
    return -need.status.rank, not need.suites, need.distro, newest, need.version
