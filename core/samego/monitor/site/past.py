"""All that the site shows, read from the history once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from samego.monitor.history.changes import (
    Fall,
    RecordedChange,
    by_line,
    changes_in,
    first_bad,
    is_good,
)
from samego.monitor.history.offers import current_offers
from samego.monitor.history.order import ordered
from samego.monitor.history.posted import PostedState as Alarm
from samego.monitor.history.posted import standing
from samego.monitor.history.record import Line, Offer, RebuildRun, Run, Waiting
from samego.monitor.history.store import History
from samego.monitor.history.summing import counted
from samego.monitor.site.inputs import TriedRelease, tried_releases
from samego.monitor.site.source import TracedSource, traced_sources
from samego.monitor.site.words import bar_of


@dataclass(frozen=True)
class Past:
    """The history: ``lines`` as :func:`samego.monitor.history.changes.by_line` gives them."""

    lines: Mapping[Line, Sequence[Sequence[Run]]]
    changes: Sequence[RecordedChange]
    offers: Sequence[Offer]
    waiting: Sequence[Waiting]
    rebuilds: Sequence[RebuildRun]
    alarms: Sequence[Alarm]
    tried: Sequence[TriedRelease] = ()
    sources: Sequence[TracedSource] = ()

    @cached_property
    def packages(self) -> Mapping[tuple[str, str], tuple[Line, ...]]:
        """The lines of each package of a distro, in order."""
        found: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.distro, line.package].append(line)
        return {key: tuple(lines) for key, lines in sorted(found.items())}

    @cached_property
    def suites(self) -> Mapping[tuple[Line, str], tuple[str, ...]]:
        """The suites that hold a version of a line."""
        found: defaultdict[tuple[Line, str], set[str]] = defaultdict(set)
        for offer in self.offers:
            found[line_of(offer), offer.version].add(offer.suite)
        return {key: tuple(sorted(suites)) for key, suites in found.items()}

    @cached_property
    def held(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The versions of each package of a distro that suites hold."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for line, version in self.suites:
            found[line.distro, line.package].append(version)
        return found

    @cached_property
    def distros(self) -> tuple[str, ...]:
        """The distros of which anything is known."""
        return tuple(sorted({line.distro for line in self.lines} | {o.distro for o in self.offers}))

    @cached_property
    def known(self) -> Mapping[tuple[Line, str], tuple[Run, ...]]:
        """What is known last of each version of each line, for each of its bytes, newest first."""
        found: defaultdict[tuple[Line, str], list[Run]] = defaultdict(list)
        for line, versions in self.lines.items():
            for group in versions:
                found[line, group[-1].version].insert(0, group[-1])
        return {key: tuple(runs) for key, runs in found.items()}

    @cached_property
    def newest(self) -> Mapping[tuple[Line, str], Run]:
        """What is known last of each version of each line."""
        return {key: runs[0] for key, runs in self.known.items()}

    @property
    def as_of(self) -> datetime | None:
        """When the newest run, rebuild or try was made."""
        times = [group[-1].when for versions in self.lines.values() for group in versions]
        times += [rebuild.when for rebuild in self.rebuilds]
        times += [source.when for source in self.sources]
        return max([*times, *(release.when for release in self.tried)], default=None)

    @cached_property
    def checked(self) -> Mapping[tuple[Line, str, str], int]:
        """How often the bytes of each version of each line were checked."""
        return {
            (line, group[-1].version, group[-1].bytes): len(group)
            for line, versions in self.lines.items()
            for group in versions
        }

    @cached_property
    def falls(self) -> Mapping[Line, Fall]:
        """Since which version each line has been as bad as its newest run, or worse.

        A line whose newest run is good has none.
        """
        found = {}
        for line, versions in self.lines.items():
            bar = bar_of(versions[-1][-1])
            if not is_good(versions[-1][-1], bar):
                runs = [run for group in versions for run in group]
                (found[line],) = first_bad(runs, bar)
        return found

    @cached_property
    def changes_of(self) -> Mapping[tuple[str, str], Sequence[RecordedChange]]:
        """The changes of each package of a distro, the newest first."""
        found: defaultdict[tuple[str, str], list[RecordedChange]] = defaultdict(list)
        for change in self.changes:
            found[change.after.distro, change.after.package].append(change)
        return found

    def current(self) -> Iterator[tuple[Line, str]]:
        """What counts now: each line's newest version, and those that a suite holds."""
        found = set(self.suites)
        for line, versions in self.lines.items():
            found.add((line, versions[-1][-1].version))
        return iter(sorted(found))


def read(history: History) -> Past:
    """Read the history."""
    lines = by_line(counted(history))
    return Past(
        lines=lines,
        changes=changes_in(lines),
        offers=current_offers(history),
        waiting=history.waiting(),
        rebuilds=history.rebuilds(),
        alarms=standing(history),
        tried=tried_releases(history),
        sources=traced_sources(history),
    )


def line_of(offer: Offer) -> Line:
    """The line that an offered version is of."""
    return Line(offer.distro, offer.package, offer.architecture)


def newest_first(distro: str, versions: Iterable[str]) -> list[str]:
    """Each version once, in the distro's order, the newest first.

    Comparing them takes long: versions that come in order are sorted soonest.
    """
    return ordered(distro, dict.fromkeys(versions))[::-1]
