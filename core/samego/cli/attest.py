"""``samego attest``: sign what a report found, check such a signature, make a key."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from samego.cli.options import Subparsers
from samego.errors import ToolError


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "attest",
        help="sign what a report found, or check such a signature",
        description="Sign what a report found about its packages, good or bad, as an in-toto"
        " statement in a DSSE envelope. With --verify, check an envelope's signature and form,"
        " and that each FILE is what it speaks of; exit status then: 0 what it states passes,"
        " 1 it does not, 2 it cannot be believed.",
        common=False,
    )
    parser.add_argument(
        "files",
        metavar="REPORT",
        nargs="*",
        type=Path,
        help="a report to sign; with --verify the packages at hand, and the report",
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="sign with this private key (each given signs), or verify with this public one",
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--verify", metavar="ENVELOPE", type=Path, help="check this envelope")
    action.add_argument(
        "--new-key", metavar="FILE", type=Path, help="make a key: FILE, and FILE.pub to give away"
    )
    parser.add_argument(
        "--threshold",
        metavar="N",
        type=int,
        default=1,
        help="with --verify: how many of the keys must have signed (1)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the envelope there"
    )
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Do what the options ask for; the exit status.

    Raises ToolError where the libraries for it are not installed.
    """
    try:
        job = importlib.import_module("samego.cli.attesting")
    except ImportError as error:
        raise ToolError(
            f"signed results need a library that cannot be imported ({error})",
            hint="pip install 'samego[attest]'",
        ) from error
    status: int = job.attest(args)
    return status
