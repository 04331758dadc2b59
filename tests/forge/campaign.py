"""A seeded campaign: so many forgeries, each checked through the command line, and figures."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import forge.catalog
from forge.bench import WAYS, Bench, Names, Way
from forge.judging import Judgement, judge
from forge.running import Ran, Runner
from forge.worlds import World

#: What a way raises when its choice has no such place.
_UNSUITABLE = (IndexError, KeyError, ValueError, LookupError, AssertionError, StopIteration)
_TRIES = 30


@dataclass(frozen=True, slots=True)
class Forged:
    """One forgery that was checked."""

    number: int
    world: str
    way: Way
    names: Names
    judgement: Judgement

    def __str__(self) -> str:
        what = f"{self.world} {self.way.field}: {self.way.how}"
        return (
            f"#{self.number} {what} [{', '.join(self.names)[:200]}]:"
            f" {self.judgement.outcome.value}: {self.judgement.said[:400]}"
        )


class Workshop:
    """A world, and where its packages are checked."""

    def __init__(self, world: World, directory: Path, *, keep: bool = False) -> None:
        self.world = world
        self.keep = keep
        self.packages = directory / "packages"
        directory.mkdir(parents=True, exist_ok=True)
        self.runner = Runner(directory, world.environment, world.cache)
        self.untouched = [package.pack() for package in world.packages]

    def check_untouched(self) -> None:
        """The packages as they are must pass: else nothing is shown by those that do not.

        Twice: the first run fills the cache.
        """
        for _ in range(2):
            ran = self._run(Bench(self.world, Random(0)), self.untouched)  # noqa: S311 - repeatable choices
            assert ran.status == 0, (self.world.name, ran.stdout[:2000], ran.stderr)
        assert not ran.left, ran.left

    def forge(self, number: int, seed: int, way: Way) -> Forged | None:
        """Make one forgery and check it; None when this way has nothing to change."""
        for attempt in range(_TRIES):
            random = Random(f"{seed}/{number}/{attempt}")  # noqa: S311 - repeatable choices
            bench = Bench(self.world, random)
            try:
                names = way.change(bench)
            except _UNSUITABLE:
                continue
            packed = [package.pack() for package in bench.packages]
            if names is None or packed == self.untouched:
                continue
            ran = self._run(bench, packed)
            return Forged(
                number,
                self.world.name,
                way,
                names,
                judge(ran, names, [p.name for p in bench.packages]),
            )
        return None

    def _run(self, bench: Bench, packed: Sequence[bytes]) -> Ran:
        shutil.rmtree(self.packages, ignore_errors=True)
        self.packages.mkdir()
        paths = [self.packages / package.name for package in bench.packages]
        try:
            for path, data in zip(paths, packed, strict=True):
                path.write_bytes(data)
            return self.runner("check", "-q", "--format", "json", *paths, *self.world.arguments)
        finally:
            if not self.keep:
                shutil.rmtree(self.packages)


def order(
    worlds: Sequence[str], seed: int, fields: Sequence[str] = ()
) -> Iterator[tuple[str, Way]]:
    """Worlds in turn, and in each its ways: every one as often as its weight, shuffled."""
    random = Random(seed)  # noqa: S311 - repeatable choices, no secrets
    bags: dict[str, list[Way]] = {world: [] for world in worlds}
    while True:
        for world, bag in bags.items():
            if not bag:
                ways = [way for way in WAYS if world in way.worlds]
                ways = [way for way in ways if not fields or way.field in fields]
                bag.extend(way for way in ways for _ in range(way.weight))
                random.shuffle(bag)
            yield world, bag.pop()


def campaign(
    workshops: Sequence[Workshop],
    count: int,
    seed: int,
    only: Sequence[int] = (),
    fields: Sequence[str] = (),
) -> Iterator[Forged]:
    """So many forgeries, of these fields or of all; ``only`` are the numbers to be made."""
    by_name = {workshop.world.name: workshop for workshop in workshops}
    made = 0
    for number, (world, way) in enumerate(order(list(by_name), seed, fields)):
        if made == count:
            return
        if only and number not in only:
            made += 1
            continue
        forged = by_name[world].forge(number, seed, way)
        if forged is not None:
            made += 1
            yield forged


def table(forged: Sequence[Forged]) -> str:
    """The figures: a line for each field, with each distro's outcomes."""
    rows: dict[str, Counter[str]] = {}
    for one in forged:
        row = rows.setdefault(one.way.field, Counter())
        good = one.judgement.outcome.good
        row[one.world] += 1
        row[one.judgement.outcome.value if good else "wrong"] += 1
    head = ("field", "debian", "arch", "named", "refused", "wrong")
    lines = [head, *((name, *(str(rows[name][key]) for key in head[1:])) for name in sorted(rows))]
    sums = Counter[str]()
    for row in rows.values():
        sums.update(row)
    lines.append(("all", *(str(sums[key]) for key in head[1:])))
    width = max(len(line[0]) for line in lines)
    return "\n".join(
        line[0].ljust(width) + "".join(cell.rjust(9) for cell in line[1:]) for line in lines
    )


assert forge.catalog.__all__, "importing it fills WAYS"
