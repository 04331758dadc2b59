"""``samego history import``, ``show`` and ``forget``: single reports of the history."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from samego.cli import output
from samego.cli.options import Parser, Subparsers, add_output
from samego.cli.settings import settings
from samego.errors import InputError
from samego.integrations.hooks.run import DEFAULT_SPOOL, SPOOL
from samego.monitor.history.forgetting import forget
from samego.monitor.history.importing import import_reports, user_numbers
from samego.monitor.history.rows import moment
from samego.monitor.history.store import open_history
from samego.report.words import amount
from samego.system.terminal import visible


def add_actions(parser: Parser) -> None:
    """Add the parsers of ``import``, ``show`` and ``forget``."""
    actions: Subparsers = parser.add_subparsers(title="actions", metavar="ACTION")
    bring = actions.add_parser(
        "import",
        help="add reports; one that is known is added once",
        description="Add JSON reports of checks, rebuilds, inputs and sources. Any other file is"
        " named and skipped; the exit status is then 2.",
    )
    bring.add_argument(
        "path",
        metavar="PATH",
        nargs="*",
        type=Path,
        help=f"files, or directories of files (default: ${SPOOL}, else {DEFAULT_SPOOL})",
    )
    bring.add_argument(
        "--suite", metavar="NAME", default="", help="the distro's suite that these packages are in"
    )
    bring.set_defaults(execute=execute_import)
    show = actions.add_parser("show", help="print a stored report, byte for byte")
    show.add_argument("digest", metavar="DIGEST", help="the start of its digest, as --all shows it")
    add_output(show)
    show.set_defaults(execute=execute_show)
    drop = actions.add_parser(
        "forget",
        help="remove a run; the reason is kept",
        description="Remove a check's run and its report. The same report cannot be imported again;"
        " --all lists what was removed, and why.",
    )
    drop.add_argument("digest", metavar="DIGEST", help="the start of its digest, as --all shows it")
    drop.add_argument("--reason", metavar="TEXT", required=True, help="why; it is kept")
    drop.set_defaults(execute=execute_forget)


def execute_import(args: argparse.Namespace) -> int:
    """Import, and print how many were new."""
    paths = args.path or [Path(os.environ.get(SPOOL, "") or DEFAULT_SPOOL)]
    config = settings(args)
    with open_history(config.history_directory) as history:
        owners = tuple(user_numbers(config.history_owners))
        result = import_reports(history, paths, args.suite, owners=owners)
    output.deliver(f"{amount(result.new, 'report')} imported, {result.known:,} known\n", None)
    if result.others:
        who = ", ".join(f"{count:,} of {owner}" for owner, count in result.others.items())
        sys.stderr.write(f"samego: not counted, because other users own the files: {who}\n")
    if result.refused:
        rest = len(result.refused) - 1
        more = f" (and {rest:,} more)" if rest else ""
        raise InputError(
            f"skipped: {result.refused[0]}{more}", hint="correct the file or leave it out"
        )
    return 0


def execute_forget(args: argparse.Namespace) -> int:
    """Remove a run, and say what it was."""
    with open_history(settings(args).history_directory) as history:
        run = forget(history, args.digest, args.reason, moment(time.time()))
    name = visible(f"{run.package} {run.version} {run.architecture}")
    output.deliver(f"removed: {name}, {run.verdict.value}, report {run.digest[:12]}\n", None)
    return 0


def execute_show(args: argparse.Namespace) -> int:
    """Write a report's bytes."""
    output.check_destination(args.output)
    with open_history(settings(args).history_directory) as history:
        data = history.report(history.find(args.digest))
    output.deliver(data.decode(), args.output)
    return 0
