"""``python -m fuzz``: see ``make fuzz`` and docs/development.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from fuzz.running import Tally, fuzz, input_of
from fuzz.seeds import Seeds
from fuzz.targets import TARGETS, Target


def main() -> int:
    """Run every target on its share of the inputs, and say what was found; 1 when anything was."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", help="this one alone (may be repeated)")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write that input to stdout")
    args = parser.parse_args()
    chosen = [t for t in TARGETS if not args.target or t.name in args.target]
    with tempfile.TemporaryDirectory(prefix="samego-fuzz-") as name:
        seeds = Seeds(Path(name))
        if args.show is not None:
            sys.stdout.buffer.write(
                input_of(chosen[0], chosen[0].seeds(seeds), args.seed, args.show)
            )
            return 0
        tallies = {target.name: _told(target, seeds, args.seed, args.count) for target in chosen}
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    print(f"{'all':26}{whole.inputs:9} inputs {whole.accepted:8} accepted")  # noqa: T201 - the command's output
    wrong = sum(len(tally.findings) for tally in tallies.values())
    print(f"{wrong} findings, seed {args.seed}")  # noqa: T201 - the command's output
    return 1 if wrong else 0


def _told(target: Target, seeds: Seeds, seed: int, count: int) -> Tally:
    began = time.monotonic()
    shares = sum(each.share for each in TARGETS)
    tally = fuzz(target, target.seeds(seeds), seed, range(max(count * target.share // shares, 1)))
    line = f"{target.name:26}{tally.inputs:9} inputs {tally.accepted:8} accepted"
    line += f" {tally.compared:8} compared {time.monotonic() - began:7.1f} s"
    print(line, flush=True)  # noqa: T201 - the command's output
    for number, what in tally.findings.values():
        print(f"  #{number} {what}", flush=True)  # noqa: T201 - the command's output
    return tally


if __name__ == "__main__":
    sys.exit(main())
