"""``python -m forge``: see ``make forge`` and docs/development.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from forge.campaign import Workshop, campaign, table
from forge.worlds import arch_world, debian_world
from support.inputs import Inputs, cache_directory

_MAKERS = {"debian": debian_world, "arch": arch_world}


def main() -> int:
    """Run a campaign, say what went wrong and the figures; 1 when anything did."""
    parser = argparse.ArgumentParser(prog="forge", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="*", default=(), help="these numbers alone")
    parser.add_argument("--keep", type=Path, help="work there, and leave the packages")
    parser.add_argument("--verbose", action="store_true", help="a line for every forgery")
    args = parser.parse_args()
    inputs = Inputs(cache_directory())
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="samego-forge-") as name:
        directory = args.keep or Path(name)
        workshops = []
        for world, make in _MAKERS.items():
            place = directory / world
            place.mkdir(parents=True)
            workshop = Workshop(make(inputs, place), place / "run", keep=bool(args.keep))
            workshop.check_untouched()
            workshops.append(workshop)
        forged = []
        for one in campaign(workshops, args.count, args.seed, args.only):
            forged.append(one)
            if args.verbose or not one.judgement.outcome.good:
                print(one, flush=True)  # noqa: T201 - what it is for
    print(table(forged))  # noqa: T201
    print(f"{len(forged)} forgeries, seed {args.seed}, {time.monotonic() - began:.0f} s")  # noqa: T201
    return 0 if all(one.judgement.outcome.good for one in forged) else 1


if __name__ == "__main__":
    sys.exit(main())
