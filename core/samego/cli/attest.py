"""``samego attest``: sign a report, check a signed report, make a key."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from samego.cli import dates
from samego.cli.options import Subparsers
from samego.errors import ToolError

#: What --predicate takes; cli/stating.py has what each is.
PREDICATES = ("test-result", "svr", "vsa", "provenance")


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "attest",
        help="sign a report, or check a signed one",
        description="Sign the result of a report, of 'samego rebuild', of 'samego inputs' or of"
        " 'samego source', good or bad, as in-toto statements in DSSE envelopes. With --policy:"
        " sign that independent builders gave these files. With --verify: check the signature and"
        " form of an envelope, or of each line of a bundle, and that they are about these"
        " files. Exit status with --verify: 0 the signed result passes, 1 it does not, 2 the"
        " envelope is not valid.",
        common=False,
    )
    parser.add_argument(
        "files",
        metavar="REPORT",
        nargs="*",
        type=Path,
        help="the report to sign; with --policy: the files that were built; with --verify: the"
        " packages and the report, if you have them",
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
    action.add_argument(
        "--verify", metavar="ENVELOPE", type=Path, help="check this envelope, or *.intoto.jsonl"
    )
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
    _add_statement_options(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="write the envelope to this file; to *.intoto.jsonl, a bundle, envelopes are added;"
        " *.sigstore.json becomes a Sigstore bundle",
    )
    parser.set_defaults(execute=execute, parser=parser)


def _add_statement_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--predicate",
        choices=PREDICATES,
        help="what to state: test-result (default), svr or vsa (summaries of a verdict),"
        " provenance (what 'samego rebuild' built)",
    )
    parser.add_argument(
        "--id",
        metavar="URI",
        default="",
        help="the URI that you are known by as a verifier or builder; svr, vsa and provenance"
        " need it",
    )
    parser.add_argument(
        "--resource",
        metavar="URI",
        default="",
        help="with vsa: where the files are had (default: where upstream or the distro has them)",
    )
    parser.add_argument(
        "--date",
        metavar="WHEN",
        type=dates.parse,
        help="when the result was made, in UTC: 2026-11-23T17:00:00 or @SECONDS (default: the"
        " file's modification time)",
    )
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="the operators whose builds count, with their keys (docs/quorum.md)",
    )
    parser.add_argument(
        "--result",
        metavar="ENVELOPE",
        action="append",
        default=[],
        type=Path,
        help="with --policy: a builder's signed provenance; may be repeated",
    )


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
