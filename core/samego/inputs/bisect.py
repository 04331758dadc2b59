"""Finding the one thing, of many that were varied at once, that changes what is built."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence


def culprits(names: Sequence[str], differs: Callable[[frozenset[str]], bool]) -> tuple[str, ...]:
    """The smallest set that is found to change the build, out of ``names``, which does.

    ``differs`` says whether a build with these varied is not the plain one's. Halves are tried
    first, as for one culprit; where none of them does it, complements (Zeller's ddmin): then
    several act only together. No name can be left out of the result. The number of builds is
    logarithmic for one culprit.
    """
    left = tuple(names)
    parts = 2
    while len(left) > 1:
        chunks = _split(left, min(parts, len(left)))
        smaller = next((chunk for chunk in chunks if differs(frozenset(chunk))), None)
        if smaller is not None:
            left, parts = smaller, 2
            continue
        rests = [tuple(name for name in left if name not in chunk) for chunk in chunks]
        # With two halves each one's rest is the other one.
        rest = next((rest for rest in rests if parts > 2 and differs(frozenset(rest))), None)  # noqa: PLR2004
        if rest is not None:
            left, parts = rest, max(parts - 1, 2)
        elif parts >= len(left):
            break
        else:
            parts = min(2 * parts, len(left))
    return left


def _split(names: tuple[str, ...], parts: int) -> list[tuple[str, ...]]:
    bounds = [len(names) * number // parts for number in range(parts + 1)]
    return [names[low:high] for low, high in itertools.pairwise(bounds)]
