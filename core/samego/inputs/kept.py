"""What ``samego inputs`` keeps in the cache: bounded, and listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samego.rebuild.cleanup import tidy
from samego.rebuild.run import REBUILD_DIRECTORY
from samego.system.disk import LIMIT

#: Below the cache: what is built.
DIRECTORY = "inputs"
EXPERIMENTS, LAUNCHERS, SOURCES = "experiments", "launchers", "sources"
RECORD = "experiment.json"


@dataclass(frozen=True, slots=True)
class KeptBuild:
    """One kept build; ``what`` says what was built and how, empty for one that is damaged."""

    directory: Path
    what: str

    @property
    def key(self) -> str:
        """Its name in the cache."""
        return self.directory.name


def kept(cache: Path) -> Iterator[KeptBuild]:
    """The builds that are kept below a cache, by key."""
    for place in sorted((cache / DIRECTORY / EXPERIMENTS).glob("*")):
        yield KeptBuild(place, _what(place / RECORD))


def _what(record: Path) -> str:
    try:
        return str(json.loads(record.read_text("utf-8"))["what"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def bound(cache: Path, limit: int = LIMIT) -> int:
    """Bring what builds in surroundings left within ``limit`` bytes a kind; the bytes freed.

    What was used last stays longest, and nothing that was used within the last hour goes.
    Their bootstraps lie among those of rebuilds.
    """
    freed = tidy(cache / DIRECTORY, limit, dict.fromkeys((EXPERIMENTS, LAUNCHERS, SOURCES), 1))
    return freed + tidy(cache / REBUILD_DIRECTORY, limit)
