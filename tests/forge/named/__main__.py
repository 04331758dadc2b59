"""``python -m forge.named [--samego PROGRAM]``: every named case, a line for each.

With ``--samego`` the cases are played on another samego, so that two can be put side by side.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from forge.named import CASES
from forge.named.stage import Stage
from support.inputs import Inputs, cache_directory


def main() -> int:
    """Play the cases and print a table; 1 where a case does not end as it must."""
    parser = argparse.ArgumentParser(prog="forge.named", description=__doc__)
    parser.add_argument("--samego", type=Path, help="the program to play them on")
    parser.add_argument("--kind", choices=CASES, action="append", help="cases of this kind alone")
    parser.add_argument("--only", default="", help="cases with this text in their name")
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="samego-named-") as name:
        stage = Stage(Inputs(cache_directory()), Path(name), args.samego)
        for kind, cases in CASES.items():
            if args.kind and kind not in args.kind:
                continue
            for case in cases:
                if args.only not in case.text:
                    continue
                done = case.play(stage)
                wrong += not done.good
                mark = "ok" if done.good else "WRONG"
                seen = "seen" if case.seen else "kin"
                said = " ".join(done.said.split())[:160]
                print(
                    f"{kind} | {seen} | {case.text} | {done.status} | {mark} | {said}", flush=True
                )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
