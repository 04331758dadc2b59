"""``samego rebuilderd``: queue releases in a rebuilderd daemon, and show its results."""

from __future__ import annotations

import argparse
import json
import sys

from samego.cli import output, rebuilderd_backend
from samego.cli.options import Subparsers, add_endpoint, add_format
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.endpoint import default_endpoint
from samego.integrations.rebuilderd.feeding import feed, reports_for
from samego.integrations.rebuilderd.status import read_status
from samego.model.public_url import redacted
from samego.model.release import Release, Target
from samego.report.words import amount
from samego.system.terminal import visible

SUMMARY = "queue releases in rebuilderd, show its results"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "rebuilderd",
        help=SUMMARY,
        description="Queue upstream's archives in a rebuilderd daemon and show its results.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    sync = actions.add_parser(
        "sync",
        help="queue upstream's archives",
        description="Queue upstream's archives as rebuilderd's distribution 'go'. Only archives"
        " that the daemon does not know are sent. rebuildctl sends them, with its own key.",
    )
    sync.add_argument(
        "release",
        metavar="RELEASE",
        nargs="*",
        help="such as go1.24.4 (default: the newest of each supported line)",
    )
    sync.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="GOOS-GOARCH; may be repeated (default: all but macOS, whose files Apple's key signs)",
    )
    sync.add_argument(
        "--url",
        metavar="URL",
        help="where workers download the archives (default: godev_url, else go.dev/dl)",
    )
    sync.add_argument(
        "--prune",
        action="store_true",
        help="remove other packages of the same line and architecture from the daemon",
    )
    sync.add_argument(
        "--print",
        action="store_true",
        dest="print_only",
        help="send nothing; print one package report a line, for 'rebuildctl pkgs sync-stdin'",
    )
    add_endpoint(sync)
    sync.set_defaults(execute=execute_sync)
    status = actions.add_parser("status", help="show the daemon's result for each package")
    status.add_argument(
        "--distribution",
        metavar="NAME",
        default="",
        help="only this distribution, such as go (default: all)",
    )
    add_format(status)
    add_endpoint(status)
    status.set_defaults(execute=execute_status)
    rebuilderd_backend.configure(actions)


def execute_sync(args: argparse.Namespace) -> int:
    """Print the package reports, or send those that hold something new."""
    config = settings(args)
    with listen(quiet=args.quiet) as progress:
        wanted = tuple(Release.parse(name) for name in args.release)
        targets = tuple(Target.parse(name) for name in args.target)
        reports = reports_for(config, wanted, targets, args.url or config.godev_url)
        if args.print_only:
            lines = "".join(f"{json.dumps(report.to_object())}\n" for report in reports)
            output.deliver(lines, None)
            return 0
        endpoint = args.endpoint or default_endpoint()
        with RebuilderdClient(endpoint, offline=config.offline) as client:
            fed = feed(client, reports, args.endpoint, progress, prune=args.prune)
    sys.stdout.write(
        f"{amount(fed.archives, 'archive')} in {amount(fed.groups, 'group')}: {fed.new} new,"
        f" {amount(fed.sent, 'group')} sent\n"
    )
    return 0


def execute_status(args: argparse.Namespace) -> int:
    """Print what the daemon knows."""
    endpoint = args.endpoint or default_endpoint()
    with RebuilderdClient(endpoint, offline=settings(args).offline) as client:
        status = read_status(client, args.distribution)
    if args.format == "json":
        output.deliver(json.dumps(status.to_object(), indent=2) + "\n", None)
        return 0
    counts = ", ".join(f"{number} {state.value}" for state, number in status.counts.items())
    lines = [f"{redacted(endpoint)} (API v{status.api}): {counts or 'no packages'}"]
    if status.waiting is not None:
        lines[0] += f"; {status.running} running, {status.waiting} waiting"
    lines += [
        f"{row.state.value:<5}  {row.name} {row.version}  {row.distribution}"
        f"{f' {row.release}' if row.release else ''} {row.component} {row.architecture}"
        f"{f'  build {row.build}' if row.build is not None else ''}"
        for row in status.rows
    ]
    output.deliver("".join(f"{visible(line).rstrip()}\n" for line in lines), None)
    return 0
