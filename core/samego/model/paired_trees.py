"""Two trees side by side: which paths both have, and which of them differ in content.

A package and upstream's files, a rebuild and what was posted, a rebuilt and a shipped package are
paired here. What a difference means is decided where they are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from samego.model.tree import Entry, Kind


@dataclass(frozen=True, slots=True)
class PairedPaths:
    """The paths of two trees, sorted.

    ``differing`` are those of ``both`` with another kind, other bytes or another target.
    """

    both: tuple[str, ...]
    first_only: tuple[str, ...]
    second_only: tuple[str, ...]
    differing: tuple[str, ...]


def pair_paths(
    first: Mapping[str, Entry], second: Mapping[str, Entry], kinds: Collection[Kind] = tuple(Kind)
) -> PairedPaths:
    """The paths of these kinds, by which of two trees has them."""
    mine, theirs = (
        {path for path, entry in tree.items() if entry.kind in kinds} for tree in (first, second)
    )
    both = tuple(sorted(mine & theirs))
    return PairedPaths(
        both,
        tuple(sorted(mine - theirs)),
        tuple(sorted(theirs - mine)),
        tuple(path for path in both if not same_content(first[path], second[path])),
    )


def same_content(first: Entry, second: Entry) -> bool:
    """Whether two entries are of one kind, with the same bytes or the same target."""
    return (first.kind, first.sha256, first.link) == (second.kind, second.sha256, second.link)
