"""``samego hook``: have the distro's own build tools call samego."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from pathlib import Path

from samego.check import Options
from samego.cli.memory import share_one_arena
from samego.cli.options import Subparsers
from samego.cli.told import as_told
from samego.cli.upstream import settings
from samego.hooks.run import enforced, run
from samego.printable import visible
from samego.progress import Silent

SUMMARY = "have the distro's own build tools call samego"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "hook",
        help=SUMMARY,
        description="Hooks in the tools that build and install packages: what they build is"
        " checked, and its report kept. By default a hook never fails what calls it.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    _add_run(actions)


def _add_run(actions: Subparsers) -> None:
    parser = actions.add_parser(
        "run",
        help="what an installed hook calls: check what was built and keep the report",
        description="Check what a hook was called for, keep the report in SAMEGO_SPOOL"
        " (/var/lib/samego/reports) and print two lines. The exit status is 0 whatever is found,"
        " unless SAMEGO_ENFORCE is identical, equivalent or explained: then 1 means that it"
        " differs more than that, and 2 that it could not be decided.",
    )
    parser.add_argument("name", metavar="NAME", help="the hook that calls")
    parser.add_argument(
        "what", metavar="WHAT", nargs="*", help="as for 'samego check': packages, a .changes, ..."
    )
    parser.add_argument(
        "--installed", metavar="PACKAGE", nargs="?", const="", help="what is installed here"
    )
    parser.set_defaults(execute=execute_run)


def execute_run(args: argparse.Namespace) -> int:
    """Check what was built. Status 0, or with SAMEGO_ENFORCE what ``samego check`` gives."""
    _settle_home()
    required = enforced(os.environ)
    share_one_arena()
    try:
        outcome = run(args.name, _options(args), os.environ, Silent())
        for line in outcome.lines:
            sys.stdout.write(f"samego: {visible(line)}\n")
        sys.stdout.flush()
    except Exception as error:
        if required is not None:
            raise
        if os.environ.get("SAMEGO_DEBUG") == "1":
            traceback.print_exc()
        # A build goes on even where nobody can be told.
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"samego: not decided: {visible(str(as_told(error)))}\n")
        return 0
    return 1 if required is not None and outcome.passes is False else 0


def _options(args: argparse.Namespace) -> Options:
    config = settings(args)
    installed = args.installed is not None
    return Options(
        what=(*args.what, *([args.installed] if args.installed else [])),
        installed=installed,
        offline=config.offline,
        config=config,
    )


def _settle_home() -> None:
    """Give a user without a home one that does not exist.

    Without it, ``~`` would be a directory of that name where the build happens to run.
    """
    try:
        known = Path("~").expanduser().is_absolute()
    except RuntimeError:
        known = False
    if not known:
        os.environ["HOME"] = "/nonexistent"
