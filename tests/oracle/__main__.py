"""``python -m oracle --count N --seed S``: what samego accepts is installed and compared."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from oracle import arch, debian

#: A word of the line in which each tool says its version.
_TOOLS = {"dpkg": "version", "tar": "tar", "pacman": "libalpm", "bsdtar": "libarchive"}
#: How many changed packages are made of one original.
_PER_ORIGINAL = 40


@dataclass
class Tally:
    """What came of one distro's packages."""

    made: int = 0
    accepted: int = 0
    differences: list[str] = field(default_factory=list)


def campaign(side: ModuleType, count: int, seed: int) -> Tally:
    """Make ``count`` packages, originals among them, and compare each that samego accepts."""
    tally = Tally()
    for number, data in _packages(side, count, seed):
        tally.made += 1
        with tempfile.TemporaryDirectory(prefix="samego-oracle-") as name:
            odd = side.compared(data, Path(name))
        if odd is None:
            if number % _PER_ORIGINAL == 0:
                tally.differences.append(f"{number}: an original is refused")
            continue
        tally.accepted += 1
        tally.differences += [f"{number}: {line}" for line in odd]
    return tally


def _packages(side: ModuleType, count: int, seed: int) -> Iterator[tuple[int, bytes]]:
    whole = b""
    for number in range(count):
        chance = random.Random(f"{seed} {side.__name__} {number}")
        if number % _PER_ORIGINAL == 0:
            with tempfile.TemporaryDirectory(prefix="samego-oracle-") as name:
                whole = side.original(Path(name), chance)
            yield number, whole
        else:
            yield number, side.changed(whole, chance)


def main() -> int:
    """Run both sides and print the figures; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="oracle", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for tool, word in _TOOLS.items():
        done = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True)
        shown = next(line for line in done.stdout.splitlines() if word in line)
        print(shown.strip(" .-"))
    status = 0
    for side in (debian, arch):
        tally = campaign(side, given.count // 2, given.seed)
        refused = tally.made - tally.accepted
        print(
            f"{side.__name__}: {tally.made} made, {refused} refused, {tally.accepted} accepted,"
            f" {len(tally.differences)} differences"
        )
        for line in tally.differences[:40]:
            print(f"  {line}")
        status |= bool(tally.differences)
    return status


if __name__ == "__main__":
    sys.exit(main())
