"""``samego publish``: copy a directory of pages to a server, and switch readers to it at once."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from samego.cli import output
from samego.cli.options import Subparsers
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.config import Config
from samego.errors import ConfigError, NetworkError
from samego.monitor.publish import directory
from samego.monitor.publish.destination import Destination, Directory, parse
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.rsync import Publisher
from samego.monitor.publish.rsync_command import RsyncCommand
from samego.monitor.publish.snapshot import Snapshot, take
from samego.system.progress import Progress

SUMMARY = "copy a site to a server in one step"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "publish",
        help=SUMMARY,
        description="Send the files that changed, then switch readers to the new pages in one step."
        " The next run continues an interrupted one.",
    )
    parser.add_argument(
        "source", metavar="SOURCE", type=Path, help="a directory that 'samego site' wrote"
    )
    parser.add_argument(
        "destination",
        metavar="DEST",
        nargs="?",
        default="",
        help="a directory, HOST:PATH or rsync://HOST/MODULE/PATH ([publish] to)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, and send nothing"
    )
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Publish, and print what was done."""
    config = settings(args)
    where = args.destination or config.publish_to
    if not where:
        raise ConfigError(
            "no destination to publish to is given",
            hint="name DEST after the directory, or set [publish] to in the configuration",
        )
    destination = parse(where)
    if config.offline and not isinstance(destination, Directory):
        raise NetworkError(
            f"cannot publish to {destination} while samego is offline",
            hint="publish to a directory, or leave out --offline",
        )
    with listen(quiet=args.quiet) as progress:
        progress.stage(f"reading {args.source}")
        snapshot = take(args.source)
        outcome = _publish(snapshot, destination, config, progress, dry=args.dry_run)
    output.deliver("".join(f"{line}\n" for line in outcome.lines()), None)
    return 0


def _publish(
    snapshot: Snapshot, destination: Destination, config: Config, progress: Progress, *, dry: bool
) -> PublishOutcome:
    if isinstance(destination, Directory):
        return directory.publish(snapshot, destination, progress, dry=dry)
    command = RsyncCommand(
        str(destination), config.publish_ssh_key, config.timeout, dict(os.environ)
    )
    return Publisher(destination, command, progress).publish(snapshot, dry=dry)
