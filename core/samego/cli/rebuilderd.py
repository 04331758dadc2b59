"""``samego rebuilderd``: feed a rebuilderd daemon, and read what it found."""

from __future__ import annotations

import argparse
import json
import os
import sys

from samego.cli import output
from samego.cli.options import Subparsers
from samego.cli.progress import listen
from samego.cli.upstream import settings
from samego.config import Config
from samego.errors import ConfigError, NetworkError, NotPostedError
from samego.printable import visible
from samego.progress import Progress
from samego.rebuilderd.client import Client
from samego.rebuilderd.cookie import default_endpoint, find_cookie
from samego.rebuilderd.packages import PackageReport, newest, package_reports
from samego.rebuilderd.status import read_status
from samego.release import Release, Target
from samego.report.words import amount
from samego.upstream.cache import Cache
from samego.upstream.http import Http
from samego.upstream.release_index import IndexSource

SUMMARY = "feed a rebuilderd daemon, and read what it found"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "rebuilderd",
        help=SUMMARY,
        description="Tell a rebuilderd daemon what to rebuild, and read what its workers found.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    sync = actions.add_parser(
        "sync",
        help="tell the daemon which of upstream's archives there are",
        description="Queue upstream's archives as rebuilderd's distribution 'go'. Nothing is sent"
        " that the daemon knows, so this can run again and again.",
    )
    sync.add_argument(
        "release",
        metavar="RELEASE",
        nargs="*",
        help="such as go1.24.4 (the newest of each supported line)",
    )
    sync.add_argument(
        "--target",
        metavar="T",
        action="append",
        default=[],
        help="GOOS-GOARCH; may be repeated (all but macOS's, whose signatures nobody can make)",
    )
    sync.add_argument(
        "--url", metavar="URL", help="where workers get the archives (go.dev/dl, or godev_url)"
    )
    sync.add_argument(
        "--prune",
        action="store_true",
        help="let the daemon forget what else it has of a line and architecture",
    )
    sync.add_argument(
        "--print",
        action="store_true",
        dest="print_only",
        help="send nothing: print a package report a line, for 'rebuildctl pkgs sync-stdin'",
    )
    _add_endpoint(sync)
    sync.set_defaults(execute=execute_sync)
    status = actions.add_parser("status", help="what the daemon knows of each package")
    status.add_argument(
        "--distribution", metavar="NAME", default="", help="only this one, such as go (all)"
    )
    status.add_argument("--format", choices=("text", "json"), default="text")
    _add_endpoint(status)
    status.set_defaults(execute=execute_status)


def _add_endpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        default="",
        help="the daemon (what rebuilderd.conf says, else http://127.0.0.1:8484)",
    )


def execute_sync(args: argparse.Namespace) -> int:
    """Print the package reports, or send those that hold something new."""
    config = settings(args)
    with listen(quiet=args.quiet) as progress:
        reports = _reports(args, config)
        if args.print_only:
            lines = "".join(f"{json.dumps(report.to_object())}\n" for report in reports)
            output.deliver(lines, None)
            return 0
        if config.offline:
            raise NetworkError(
                "a daemon cannot be told while samego is offline", hint="use --print instead"
            )
        cookie = find_cookie(args.endpoint, os.environ)
        with Client(args.endpoint or default_endpoint(), cookie=cookie) as client:
            if not client.has_v1():
                raise ConfigError(
                    f"{visible(client.endpoint)} speaks only version 0 of rebuilderd's API",
                    hint="upgrade the daemon to 0.26 or newer",
                )
            sent = [_send(client, report, progress, prune=args.prune) for report in reports]
    known = sum(len(report.packages) for report in reports)
    sys.stdout.write(
        f"{amount(known, 'archive')} in {amount(len(reports), 'group')}: {sum(sent)} new,"
        f" {amount(sum(number > 0 for number in sent), 'group')} sent\n"
    )
    return 0


def _send(client: Client, report: PackageReport, progress: Progress, *, prune: bool) -> int:
    """Send a group if it holds something new; how many packages are new."""
    known = client.published(report)
    whole = report if prune else report.on_top_of(known)
    new = set(whole.packages) - known
    if new or (prune and known != set(whole.packages)):
        progress.stage(f"sending {report.release} {report.architecture}: {len(new)} new")
        client.submit(whole)
    return len(new)


def _reports(args: argparse.Namespace, config: Config) -> tuple[PackageReport, ...]:
    wanted = tuple(Release.parse(name) for name in args.release)
    targets = tuple(Target.parse(name) for name in args.target)
    with (
        Http(offline=config.offline, read_timeout=config.timeout) as http,
        Cache(config.cache_directory, limit=config.cache_limit) as cache,
    ):
        allow_http = config.godev_url.startswith("http://")
        source = IndexSource(http, cache, config.godev_url, allow_http=allow_http)
        listings = tuple(source.index(fresh=not config.offline).listings())
    releases = wanted or newest(listing.release for listing in listings)
    reports = package_reports(listings, releases, targets, args.url or config.godev_url)
    posted = {version for report in reports for version in _versions(report)}
    missing = [str(release) for release in releases if str(release) not in posted]
    if missing or not reports:
        raise NotPostedError(
            f"the index of {config.godev_url} has no such archive of"
            f" {', '.join(missing) or 'any release'}",
            hint="see 'samego upstream list'",
        )
    return reports


def _versions(report: PackageReport) -> set[str]:
    return {f"go{package.version}" for package in report.packages}


def execute_status(args: argparse.Namespace) -> int:
    """Print what the daemon knows."""
    endpoint = args.endpoint or default_endpoint()
    with Client(endpoint) as client:
        status = read_status(client, args.distribution)
    if args.format == "json":
        output.deliver(json.dumps(status.to_object(), indent=2) + "\n", None)
        return 0
    counts = ", ".join(f"{number} {state.value}" for state, number in status.counts.items())
    lines = [f"{endpoint} (API v{status.api}): {counts or 'no packages'}"]
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
