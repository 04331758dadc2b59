"""``samego quorum``: what independent rebuilders say of a file or package."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from samego.cli import output
from samego.cli.options import Subparsers, add_format, add_output
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.integrations.rebuilders.asking import ask_all
from samego.integrations.rebuilders.fetching import NetworkUse
from samego.integrations.rebuilders.given import read_given, signed_result
from samego.integrations.rebuilders.what import questions
from samego.quorum import as_json, text
from samego.quorum.count import count
from samego.quorum.policy import THRESHOLD, QuorumPolicy
from samego.quorum.policy_file import check_independence, load_policy_file
from samego.report import indented


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "quorum",
        help="show what independent rebuilders say of a file",
        description="Show what independent rebuilders say of a file or package: who contradicts,"
        " who agrees, who failed to build, who is silent, stale or out of reach. An operator counts"
        " once, however many rebuilders and keys it has. Exit status: 0 enough operators agree and"
        " nobody contradicts, 1 somebody contradicts, 2 could not decide.",
    )
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a package file, a file of go.dev/dl, a report, a signed result,"
        " NAME=VERSION:ARCHITECTURE, or a release for a target such as go1.24.4.linux-amd64",
    )
    parser.add_argument(
        "results",
        metavar="RESULT",
        nargs="*",
        help="whom to ask besides the policy's: OPERATOR=URL or OPERATOR=FILE (a rebuilderd"
        " daemon, gorebuild's JSON, Source Spotter's CSV), or a FILE of signed results",
    )
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="whom to ask, their operators and keys, and how many must agree",
    )
    parser.add_argument(
        "--threshold",
        metavar="K",
        type=int,
        help=f"how many operators must agree (default: the policy's, else {THRESHOLD})",
    )
    parser.add_argument(
        "--by-name",
        action="store_true",
        help="count who speaks of the file's name alone: only where you know that this file is"
        " the one that was published under it",
    )
    add_format(parser)
    add_output(parser)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Ask all, show what they say, and return 0, 1 or 2."""
    if args.policy is None and not args.results:
        args.parser.error("name whom to ask: with --policy FILE, or as RESULT")
    if args.threshold is not None and args.threshold < 1:
        args.parser.error("--threshold must be 1 or more")
    output.check_destination(args.output)
    config = settings(args)
    policy = load_policy_file(args.policy) if args.policy is not None else QuorumPolicy()
    given = read_given(args.results)
    files = given.files
    if Path(args.what).is_file() and (asked := signed_result(Path(args.what))):
        files = tuple(dict.fromkeys((asked, *files)))  # it is a result as well
    rebuilders = (*policy.rebuilders, *given.rebuilders)
    check_independence(rebuilders, str(args.policy) if args.policy else "the command line")
    threshold = args.threshold or policy.threshold
    network = NetworkUse(config.offline, config.timeout)
    now = dt.datetime.now(dt.timezone.utc)
    with listen(quiet=args.quiet) as progress:
        quorums = [
            count(
                question,
                ask_all(rebuilders, files, question, network, progress.stage),
                threshold,
                now=now,
                by_name=args.by_name,
            )
            for question in questions(args.what, config)
        ]
    if args.format == "json":
        answer = f"{indented.dumps(as_json.to_object(quorums, threshold))}\n"
    else:
        with output.fitting(args.output):
            answer = "\n".join(map(text.render, quorums))
    output.deliver(answer, args.output)
    return as_json.exit_status(quorums)
