"""Whom a verifier asks, and who of them are independent: the values of a policy file.

Independence cannot be seen from outside: two keys, or two addresses, can be one person's. So the
verifier says of each rebuilder who operates it, and whatever one operator says counts once.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from samego.quorum.public_key import PublicKey

#: How many operators must agree where nobody says another number.
THRESHOLD = 2


class RebuilderKind(enum.Enum):
    """What a rebuilder answers with."""

    REBUILDERD = "rebuilderd"
    ENVELOPE = "envelope"
    GO_DEV = "go.dev"
    SOURCE_SPOTTER = "sourcespotter"


#: Stands in a URL for the architecture, where each has a daemon of its own.
ARCHITECTURE = "{architecture}"
#: Where those lie that have one place: gorebuild's report, the directory of Source Spotter's feeds.
USUAL_URLS = {
    RebuilderKind.GO_DEV: "https://gorebuild.storage.googleapis.com/gorebuild.json",
    RebuilderKind.SOURCE_SPOTTER: "https://feeds.api.sourcespotter.com/toolchain",
}


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """One whom the verifier asks.

    ``url`` or ``file`` is where its answer lies; a rebuilder whose signed results are only handed
    around has neither. ``keys`` sign its results. An answer older than ``max_age`` is stale.
    """

    name: str
    operator: str
    kind: RebuilderKind
    url: str = ""
    file: Path | None = None
    keys: tuple[PublicKey, ...] = ()
    max_age: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class QuorumPolicy:
    """A verifier's rebuilders, and how many operators must agree."""

    rebuilders: tuple[Rebuilder, ...] = ()
    threshold: int = THRESHOLD

    @property
    def operators(self) -> tuple[str, ...]:
        """All operators, each once, sorted."""
        return tuple(sorted({rebuilder.operator for rebuilder in self.rebuilders}))

    def rebuilder_of(self, key: PublicKey) -> Rebuilder | None:
        """The first rebuilder that a key signs for; None where nobody has it."""
        return next((each for each in self.rebuilders if key in each.keys), None)

    def operator_of(self, key: PublicKey) -> str:
        """Who operates the rebuilder that a key signs for; empty for a key that nobody has."""
        found = self.rebuilder_of(key)
        return found.operator if found is not None else ""

    def operators_of(self, keys: Iterable[PublicKey]) -> tuple[str, ...]:
        """The distinct operators of these keys, sorted: two keys of one operator count once."""
        return tuple(sorted({self.operator_of(key) for key in keys} - {""}))

    def enough(self, operators: Iterable[str]) -> bool:
        """Whether so many distinct operators of this policy are among these."""
        return len(set(operators) & set(self.operators)) >= self.threshold
