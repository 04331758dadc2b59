#!/usr/bin/python3
"""Stands in for debootsnap on a machine that snapshot archives cannot be reached from.

debrebuild looks debootsnap up in PATH and asks it for a system with exactly the packages
that a .buildinfo lists: as a list of apt sources (``--sources-list-only``) or as a tarball.
The tests build and rebuild on one system, so that system is the answer. Everything else of a
rebuild is debrebuild's own.

Environment: STANDIN_SOURCES, the apt sources to print; STANDIN_TARBALL, the tarball to give;
STANDIN_FAILS, a message to fail with instead.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys


def main() -> int:
    """Answer as debootsnap does."""
    parser = argparse.ArgumentParser(prog="debootsnap")
    parser.add_argument("--buildinfo", required=True)
    parser.add_argument("--sources-list-only", action="store_true")
    parser.add_argument("--cache")
    parser.add_argument("output", nargs="?")
    args = parser.parse_args()
    if failure := os.environ.get("STANDIN_FAILS"):
        sys.stderr.write(f"E: {failure}\n")
        return 1
    if args.sources_list_only:
        sys.stdout.write(os.environ["STANDIN_SOURCES"] + "\n")
    else:
        shutil.copyfile(os.environ["STANDIN_TARBALL"], args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
