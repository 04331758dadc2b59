"""Rebuilds of upstream's releases: by target, by bootstrap, and whether bootstraps agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from samego.monitor.history.order import natural
from samego.monitor.history.rebuilds import newest
from samego.monitor.history.record import RebuildRun, RebuiltFile
from samego.monitor.site import places
from samego.monitor.site.words import RunStatus
from samego.report.words import amount
from samego.system.terminal import visible

#: What came of a file, the worst first. A file that nobody posted decides nothing.
OUTCOMES = {
    "differs": RunStatus("differs", "✗", "unexplained", 4),
    "failed": RunStatus("did not build", "✗", "unproven", 3),
    "equivalent": RunStatus("equivalent", "✓", "equivalent", 0),
    "reproduced": RunStatus("reproduced", "✓", "reproduced", 0),
    "not_compared": RunStatus("not compared", "·", "none", 0),
    "not_posted": RunStatus("not posted", "·", "none", 0),
}
#: Outcomes that say something, as against nothing to compare with.
_TELLING = ("differs", "failed", "equivalent", "reproduced")


@dataclass(frozen=True, slots=True)
class RebuiltResult:
    """What one bootstrap gave for one target."""

    status: RunStatus
    summary: str
    files: tuple[RebuiltFile, ...]


@dataclass(frozen=True, slots=True)
class RebuiltTarget:
    """One target of a release; ``results`` are in the order of the release's bootstraps."""

    name: str
    results: tuple[RebuiltResult | None, ...]
    agreement: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class RebuiltRelease:
    """One release: of each bootstrap and target what the last rebuild gave.

    ``told`` counts targets by their worst outcome, ``failed`` are bootstraps that did not
    build, ``digests`` the results that this is made of.
    """

    name: str
    page: str
    when: datetime
    status: RunStatus
    summary: str
    bootstraps: tuple[str, ...]
    targets: tuple[RebuiltTarget, ...]
    failed: tuple[tuple[str, str], ...]
    digests: tuple[str, ...]

    @property
    def disagreeing(self) -> int:
        """How many targets have bootstraps that gave different bytes."""
        return sum(not target.agrees for target in self.targets)


def releases(runs: Iterable[RebuildRun]) -> tuple[RebuiltRelease, ...]:
    """The releases, newest first; ``runs`` are in the order of time."""
    by_release: defaultdict[str, list[RebuildRun]] = defaultdict(list)
    for run in runs:
        by_release[run.release].append(run)
    names = sorted(by_release, key=natural, reverse=True)
    return tuple(_release(name, by_release[name]) for name in names)


def _release(name: str, runs: Sequence[RebuildRun]) -> RebuiltRelease:
    last = {(item.bootstrap, item.target): item for item in newest(runs)}
    found = {key: item.files for key, item in last.items() if item.target}
    bootstraps = tuple(sorted({bootstrap for bootstrap, _target in found}, key=natural))
    targets = tuple(
        _target(target, [found.get((bootstrap, target)) for bootstrap in bootstraps])
        for target in sorted({target for _bootstrap, target in found})
    )
    worst = [max(statuses, key=lambda each: each.rank) for statuses in map(_statuses, targets)]
    counted = Counter(status.word for status in worst)
    order = [status.word for status in OUTCOMES.values()]
    words = sorted(counted, key=lambda word: order.index(word) if word in order else -1)
    return RebuiltRelease(
        name=name,
        page=places.rebuild(name),
        when=runs[-1].when,
        status=max(worst, key=lambda each: each.rank, default=OUTCOMES["failed"]),
        summary=", ".join(f"{amount(counted[word], 'target')} {word}" for word in words),
        bootstraps=bootstraps,
        targets=targets,
        failed=tuple(
            (item.bootstrap, item.files[0].cause)
            for _key, item in sorted(last.items())
            if not item.target
        ),
        digests=tuple(dict.fromkeys(item.run.digest for item in last.values())),
    )


def _statuses(target: RebuiltTarget) -> list[RunStatus]:
    return [result.status for result in target.results if result is not None]


def _target(name: str, by_bootstrap: Sequence[Sequence[RebuiltFile] | None]) -> RebuiltTarget:
    sums: defaultdict[str, set[str]] = defaultdict(set)
    number = 0
    for files in by_bootstrap:
        built = [file for file in files or () if file.sha256]
        number += bool(built)
        for file in built:
            sums[file.file].add(file.sha256)
    apart = sorted(file for file, found in sums.items() if len(found) > 1)
    agreement = "one bootstrap" if number == 1 else "none built it"
    if number > 1:
        agreement = f"{number} bootstraps gave the same bytes"
    if apart:
        agreement = visible(f"bootstraps gave different {', '.join(apart)}")
    return RebuiltTarget(
        name, tuple(_result(files) for files in by_bootstrap), agreement, not apart
    )


def _result(files: Sequence[RebuiltFile] | None) -> RebuiltResult | None:
    if files is None:
        return None
    counted = Counter(file.outcome for file in files)
    known = [outcome for outcome in OUTCOMES if counted[outcome]]
    telling = [outcome for outcome in known if outcome in _TELLING]
    unknown = sorted(counted.keys() - OUTCOMES.keys())
    if unknown:
        return RebuiltResult(
            RunStatus(visible(unknown[0]), "✗", "unexplained", 4), "", tuple(files)
        )
    return RebuiltResult(OUTCOMES[(telling or known)[0]], _counted(counted, known), tuple(files))


def _counted(counted: Mapping[str, int], known: Sequence[str]) -> str:
    return ", ".join(f"{counted[outcome]} {OUTCOMES[outcome].word}" for outcome in known)
