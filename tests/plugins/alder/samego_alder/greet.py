"""``samego alder greet``."""

from __future__ import annotations

import argparse
import sys

from samego.cli.options import Subparsers


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser("greet", help="say hello")
    parser.add_argument("name")
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Say hello."""
    sys.stdout.write(f"hello {args.name}\n")
    return 0
