"""``samego explain REPORT [PATH]``: all that a report says of one path, or the whole report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samego.cli.options import Subparsers
from samego.cli.output import deliver, fitting
from samego.report import load, text
from samego.report.explain import explain
from samego.report.summary import Summary

SUMMARY = "show all that a report says of one path"


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "explain",
        help=SUMMARY,
        description="Show all that a report says of one path: its standing and what that rests on,"
        " the proof, where it differs, and the command that would raise the standing. Without a"
        " path: show the report as text.",
        common=False,
    )
    parser.add_argument(
        "report", metavar="REPORT", help="a report written with --format json; - for stdin"
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        help="a path as the report spells it (default: the whole report)",
    )
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Print what the report knows; status 0. Raises InputError for a path it does not name."""
    if args.report == "-":
        report = load.loads(sys.stdin.buffer.read(load.LIMIT + 1), name="stdin")
    else:
        report = load.load(Path(args.report))
    summary = Summary(report)
    with fitting(None):
        shown = text.render(summary) if args.path is None else explain(summary, args.path)
    deliver(shown, None)
    return 0
