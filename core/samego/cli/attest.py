"""``samego attest``: sign a report, check a signed report, make a key."""

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
        help="sign a report, or check a signed one",
        description="Sign the result of a report or of 'samego inputs', good or bad, as an in-toto"
        " statement in a DSSE envelope. With --verify: check the envelope's signature and form,"
        " and that it is about these files. Exit status with --verify: 0 the signed result passes,"
        " 1 it does not, 2 the envelope is not valid.",
        common=False,
    )
    parser.add_argument(
        "files",
        metavar="REPORT",
        nargs="*",
        type=Path,
        help="the report to sign; with --verify: the packages and the report, if you have them",
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="sign with this private key, or verify with this public key; may be repeated",
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--verify", metavar="ENVELOPE", type=Path, help="check this envelope")
    action.add_argument(
        "--new-key", metavar="FILE", type=Path, help="make a key pair: FILE and FILE.pub"
    )
    parser.add_argument(
        "--threshold",
        metavar="N",
        type=int,
        default=1,
        help="with --verify: how many of the keys must have signed (default: 1)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write the envelope to this file"
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
            f"a library for signed results cannot be imported ({error})",
            hint="Debian has no package of in-toto-attestation: in a checkout of samego,"
            " pip install '.[attest]' into a virtual environment",
        ) from error
    status: int = job.attest(args)
    return status
