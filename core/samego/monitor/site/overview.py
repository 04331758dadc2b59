"""The site's first page: what needs work now and why, and where each package stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from samego.model.asked import From
from samego.monitor.history.changes import RecordedChange
from samego.monitor.history.order import natural
from samego.monitor.history.posted import PostedState as Alarm
from samego.monitor.history.record import Line, Run, Waiting
from samego.monitor.site import places
from samego.monitor.site.past import Past, newest_first
from samego.monitor.site.rebuilt import RebuiltRelease, releases
from samego.monitor.site.words import UNCHECKED, RunStatus, reason_of, status_of

#: The overview shows so many changes, and rebuilds of so many releases.
_LATELY = 10
_RELEASES = 8
_ANY = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one version stands on one architecture; ``page`` is empty without a report."""

    architecture: str
    status: RunStatus | None
    page: str = ""
    again: int = 0


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One version of a package, with a cell for each architecture of its table.

    ``note`` tells bytes apart that have the same version.
    """

    package: str
    page: str
    version: str
    release: str
    suites: tuple[str, ...]
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The packages of one distro by architecture."""

    distro: str
    architectures: tuple[str, ...]
    rows: tuple[OverviewRow, ...]


@dataclass(frozen=True, slots=True)
class FoundItem:
    """What a version was found to be, on the architectures where it is so for one reason.

    ``first`` is the version since which it has been so bad, ``good`` the one before that;
    both are empty where the version is good.
    """

    status: RunStatus
    distro: str
    package: str
    page: str
    version: str
    suites: tuple[str, ...]
    cells: tuple[Cell, ...]
    reason: str
    first: str
    good: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows. ``needs`` and ``unproven`` have the worst first.

    ``packages`` is how many there are: each is ``wrong`` on some architecture, or ``open``
    (not proven) there, or ``good``.
    """

    as_of: datetime | None
    packages: int
    wrong: int
    open: int
    good: int
    needs: tuple[FoundItem, ...]
    unproven: tuple[FoundItem, ...]
    waived: tuple[FoundItem, ...]
    matrices: tuple[Matrix, ...]
    lately: tuple[RecordedChange, ...]
    changes: int
    releases: tuple[RebuiltRelease, ...]
    waiting: tuple[Waiting, ...]
    alarms: tuple[Alarm, ...]
    files: tuple[str, ...]


def overview(past: Past, files: Sequence[str]) -> Overview:
    """The page's contents; ``files`` are the paths of what trackers read."""
    needs = [each for each in found(past, past.current()) if not each.status.good]
    bad = {(need.distro, need.package) for need in needs}
    wrong = {(need.distro, need.package) for need in needs if need.status.needs_work}
    names = {(line.distro, line.package) for line, _version in past.newest}
    return Overview(
        as_of=past.as_of,
        packages=len(names),
        wrong=len(wrong),
        open=len(bad - wrong),
        good=len(names - bad),
        needs=tuple(need for need in needs if need.status.needs_work),
        unproven=tuple(n for n in needs if not n.status.needs_work and not n.status.waived),
        waived=tuple(need for need in needs if need.status.waived),
        matrices=tuple(_matrix(past, distro) for distro in past.distros),
        lately=tuple(past.changes[:_LATELY]),
        changes=len(past.changes),
        releases=releases(past.rebuilds)[:_RELEASES],
        waiting=tuple(past.waiting),
        alarms=tuple(past.alarms),
        files=tuple(files),
    )


def rows(
    past: Past, distro: str, package: str, version: str, architectures: Sequence[str]
) -> Iterator[OverviewRow]:
    """One version of a package: a row, and one more for each further set of bytes that it had."""
    lines = [Line(distro, package, architecture) for architecture in architectures]
    most = max((len(past.known.get((line, version), ())) for line in lines), default=0)
    for number in range(max(most, 1)):
        yield _row(past, distro, package, version, architectures, number)


def _row(
    past: Past,
    distro: str,
    package: str,
    version: str,
    architectures: Sequence[str],
    number: int,
) -> OverviewRow:
    cells = []
    note = ""
    suites: set[str] = set()
    release = ""
    for architecture in architectures:
        line = Line(distro, package, architecture)
        run = next(iter(past.known.get((line, version), ())[number:]), None)
        held = past.suites.get((line, version), ()) if number == 0 else ()
        suites.update(held)
        if run is None:
            cells.append(Cell(architecture, UNCHECKED if held else None))
            continue
        release = run.release
        if run.origin == From.INSTALLED.value:
            note = "as installed"
        elif number:
            note = "other bytes"
        again = past.checked[line, version, run.bytes] - 1
        cells.append(Cell(architecture, status_of(run), places.report(run.report), again))
    known = any((Line(distro, package, name), version) in past.newest for name in architectures)
    page = places.package(distro, package) if known or (distro, package) in past.packages else ""
    return OverviewRow(package, page, version, release, tuple(sorted(suites)), tuple(cells), note)


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
            row
            for package in sorted(versions, key=natural, reverse=True)
            for version in newest_first(distro, versions[package])
            for row in rows(past, distro, package, version, architectures)
        ),
    )


def found(past: Past, versions: Iterable[tuple[Line, str]]) -> list[FoundItem]:
    """What these versions were found to be, the worst first; what was not checked is left out."""
    alike: defaultdict[FoundItem, list[FoundItem]] = defaultdict(list)
    for line, version in versions:
        if (run := past.newest.get((line, version))) is not None:
            one = _found(past, run)
            alike[replace(one, suites=(), cells=(), first="", good="", when=_ANY)].append(one)
    return sorted((_together(each) for each in alike.values()), key=_urgency)


def _found(past: Past, run: Run) -> FoundItem:
    first, good = _since(past, run.line, run)
    status = status_of(run)
    return FoundItem(
        status=status,
        distro=run.distro,
        package=run.package,
        page=places.package(run.distro, run.package),
        version=run.version,
        suites=past.suites.get((run.line, run.version), ()),
        cells=(Cell(run.architecture, status, places.report(run.report)),),
        reason=reason_of(run),
        first=first,
        good=good,
        when=run.when,
    )


def _together(alike: Sequence[FoundItem]) -> FoundItem:
    # One architecture may have a longer history than another.
    summary = next((one for one in alike if one.good), alike[0])
    return replace(
        summary,
        suites=tuple(sorted({suite for one in alike for suite in one.suites})),
        cells=tuple(cell for one in alike for cell in one.cells),
        when=max(one.when for one in alike),
    )


def _since(past: Past, line: Line, run: Run) -> tuple[str, str]:
    """Since which version it is so bad, and the one before; only a newest version knows."""
    fall = past.falls.get(line)
    if fall is None or run.version not in (fall.bad.version, *fall.later):
        return "", ""
    return fall.bad.version, fall.good.version if fall.good else ""


def _urgency(item: FoundItem) -> tuple[object, ...]:
    """The worst first; of these what a suite holds, the newest package first."""
    newest = [(-number, text) for number, text in natural(item.package)]
    return -item.status.rank, not item.suites, item.distro, newest, item.version
