"""What got better or worse, and since when; the version at which a package fell.

A package has a line of versions on each architecture. Two things can change there: what is known of
one version's bytes, and what a version is beside the one before it, each taken as it is known last.
Runs are those that count, each with what was known after it (samego.monitor.history.summing): a
poorer run of the same bytes changes nothing.
"""

from __future__ import annotations

import enum
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from samego.model.asked import From
from samego.model.proof import Standing
from samego.monitor.history.order import ordered
from samego.monitor.history.record import Line, Run
from samego.report.words import amount
from samego.system.terminal import visible

#: A sentence names so many paths that break.
_PATHS = 3


class Direction(enum.Enum):
    """Where a change leads. What breaks something new is worse, whatever else got better."""

    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """One change; ``since`` is when it was first found so.

    ``before`` and ``after`` are of one version that was checked again, or of a version and
    the one that followed it.
    """

    direction: Direction
    before: Run
    after: Run
    since: datetime

    @property
    def again(self) -> bool:
        """Whether the same bytes were checked again, rather than others came."""
        return _key(self.before) == _key(self.after)

    @property
    def sentence(self) -> str:
        """What changed, in one line."""
        before, after = self.before, self.after
        name = f"{after.package} {after.version} {after.architecture}"
        parts = []
        if after.verdict is not before.verdict:
            whose = "it" if self.again else before.version
            if not self.again and before.version == after.version:
                whose = "with other bytes it"
            parts.append(f"{after.verdict.value}, {whose} was {before.verdict.value}")
        new = sorted(set(after.breaking) - set(before.breaking))
        mended = len(set(before.breaking) - set(after.breaking))
        if new:
            more = f" and {len(new) - _PATHS:,} more" if len(new) > _PATHS else ""
            parts.append(f"breaks {', '.join(new[:_PATHS])}{more}")
        if mended:
            parts.append(f"no longer breaks {amount(mended, 'file')}")
        return visible(f"{name}: {'; '.join(parts)}")


@dataclass(frozen=True, slots=True)
class Fall:
    """The version at which a package fell, and has not come back since.

    ``good`` is the version before it, None where no good one is known. ``later`` are the
    versions after it, none of which is good.
    """

    good: Run | None
    bad: Run
    since: datetime
    later: tuple[str, ...]


def changes(runs: Iterable[Run]) -> list[RecordedChange]:
    """All changes, the newest first; ``runs`` are in the order of time."""
    return changes_in(by_line(runs))


def changes_in(lines: Mapping[Line, Sequence[Sequence[Run]]]) -> list[RecordedChange]:
    """The same of lines as :func:`by_line` gives them."""
    found = [change for line in lines.values() for change in _of_line(line)]
    return sorted(found, key=lambda change: change.since, reverse=True)


def first_bad(runs: Iterable[Run], bar: Standing) -> list[Fall]:
    """Where each line fell, for those whose newest version is bad.

    A version is bad that breaks something or whose standing is worse than ``bar``.
    """
    falls = []
    for versions in by_line(runs).values():
        bad = list(
            itertools.takewhile(lambda group: not is_good(group[-1], bar), reversed(versions))
        )[::-1]
        if not bad:
            continue
        rest = versions[: len(versions) - len(bad)]
        first = bad[0]
        falls.append(
            Fall(
                rest[-1][-1] if rest else None,
                first[-1],
                _since(first),
                tuple(group[-1].version for group in bad[1:]),
            )
        )
    return falls


def is_good(run: Run, bar: Standing) -> bool:
    """Whether a run breaks nothing and is no worse than the bar."""
    return run.verdict.rank <= bar.rank and not run.breaking


def direction(before: Run, after: Run) -> Direction | None:
    """Where the step from one run to another leads; None where nothing changed."""
    broke = set(after.breaking) - set(before.breaking)
    mended = set(before.breaking) - set(after.breaking)
    if after.verdict.rank > before.verdict.rank or broke:
        return Direction.WORSE
    if after.verdict.rank < before.verdict.rank or mended:
        return Direction.BETTER
    return None


def by_line(runs: Iterable[Run]) -> dict[Line, list[list[Run]]]:
    """The runs of each line by version, and of one version by the bytes.

    Versions are in the distro's order, runs in that of time. Of one version the bytes come as they
    were first seen, those of packages after what was installed, which says the least.
    """
    lines: defaultdict[Line, dict[tuple[str, str], list[Run]]] = defaultdict(dict)
    for run in runs:
        lines[run.line].setdefault(_key(run), []).append(run)
    found = {}
    for line in sorted(lines):
        by_version: defaultdict[str, list[list[Run]]] = defaultdict(list)
        for group in lines[line].values():
            by_version[group[0].version].append(group)
        found[line] = [
            group
            for version in ordered(line.distro, by_version)
            for group in sorted(by_version[version], key=lambda group: not _installed(group[0]))
        ]
    return found


def _key(run: Run) -> tuple[str, str]:
    """What is one row: a version's bytes."""
    return run.version, run.bytes


def _installed(run: Run) -> bool:
    return run.origin == From.INSTALLED.value


def _of_line(versions: Sequence[Sequence[Run]]) -> Iterator[RecordedChange]:
    for group in versions:
        for before, after in itertools.pairwise(group):
            if (led := direction(before, after)) is not None:
                yield RecordedChange(led, before, after, after.when)
    packaged = {group[-1].version for group in versions if not _installed(group[-1])}
    # What one machine has installed speaks for a version only where nothing else does.
    line = [g for g in versions if not (_installed(g[-1]) and g[-1].version in packaged)]
    for older, newer in itertools.pairwise(line):
        if (led := direction(older[-1], newer[-1])) is not None:
            yield RecordedChange(led, older[-1], newer[-1], _since(newer))


def _since(group: Sequence[Run]) -> datetime:
    """When a version was first found as it was found last, without a change since."""
    last = group[-1]
    same = itertools.takewhile(lambda run: direction(run, last) is None, reversed(group))
    return min(run.when for run in same)
