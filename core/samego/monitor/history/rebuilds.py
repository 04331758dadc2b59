"""What each bootstrap gave for each target, and which rebuild says so last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from samego.monitor.history.record import RebuildRun, RebuiltFile


@dataclass(frozen=True, slots=True)
class RecordedBootstrap:
    """What one bootstrap gave for one target in one rebuild.

    ``target`` is empty for a bootstrap that did not build: ``files`` then has one row, which
    says why.
    """

    run: RebuildRun
    bootstrap: str
    target: str
    files: tuple[RebuiltFile, ...]


def results_of(run: RebuildRun) -> Iterator[RecordedBootstrap]:
    """What a rebuild gave, by bootstrap and target."""
    found: defaultdict[tuple[str, str], list[RebuiltFile]] = defaultdict(list)
    for file in run.files:
        found[file.bootstrap, file.target].append(file)
    for (bootstrap, target), files in sorted(found.items()):
        yield RecordedBootstrap(run, bootstrap, target, tuple(files))


def newest(runs: Iterable[RebuildRun]) -> list[RecordedBootstrap]:
    """What each bootstrap gave last for each target of each release; ``runs`` oldest first."""
    last = {
        (item.run.release, item.bootstrap, item.target): item
        for run in runs
        for item in results_of(run)
    }
    return list(last.values())
