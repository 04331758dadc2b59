"""``python -m forge``: see ``make forge`` and docs/development.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from forge.campaign import Workshop, campaign, table
from forge.worlds import World, arch_world, debian_world, whole_arch_world, whole_debian_world
from support.inputs import Inputs, cache_directory

Maker = Callable[[Inputs, Path], World]
_SMALL: dict[str, Maker] = {"debian": debian_world, "arch": arch_world}
_WHOLE: dict[str, Maker] = {"debian": whole_debian_world, "arch": whole_arch_world}


def main() -> int:
    """Run a campaign, say what went wrong and the figures; 1 when anything did."""
    parser = argparse.ArgumentParser(prog="forge", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="*", default=(), help="these numbers alone")
    parser.add_argument("--keep", type=Path, help="work there, and leave the last packages")
    parser.add_argument("--whole", action="store_true", help="in whole packages (slow)")
    parser.add_argument("--field", action="append", help="ways of this field alone")
    parser.add_argument("--world", choices=_SMALL, action="append", help="of this distro alone")
    parser.add_argument("--verbose", action="store_true", help="a line for every forgery")
    args = parser.parse_args()
    began = time.monotonic()
    makers = _WHOLE if args.whole else _SMALL
    chosen = [makers[name] for name in makers if not args.world or name in args.world]
    with tempfile.TemporaryDirectory(prefix="samego-forge-") as name:
        workshops = _workshops(chosen, args.keep or Path(name), keep=bool(args.keep))
        forged = []
        for one in campaign(workshops, args.count, args.seed, args.only, args.field or ()):
            forged.append(one)
            if args.verbose or not one.judgement.outcome.good:
                print(one, flush=True)  # noqa: T201 - the command's output
    print(table(forged))  # noqa: T201 - the command's output
    print(f"{len(forged)} forgeries, seed {args.seed}, {time.monotonic() - began:.0f} s")  # noqa: T201 - the command's output
    return 0 if all(one.judgement.outcome.good for one in forged) else 1


def _workshops(makers: Iterable[Maker], directory: Path, *, keep: bool) -> list[Workshop]:
    """The worlds, each checked as it is: that must pass."""
    inputs = Inputs(cache_directory())
    workshops = []
    for number, make in enumerate(makers):
        place = directory / str(number)
        place.mkdir(parents=True)
        workshop = Workshop(make(inputs, place), place / "run", keep=keep)
        workshop.check_untouched()
        workshops.append(workshop)
    return workshops


if __name__ == "__main__":
    sys.exit(main())
