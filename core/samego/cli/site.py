"""``samego site DIR``: the history as a static web site."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from samego.cli.options import Subparsers
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.model.public_url import check_public
from samego.monitor.history.store import open_history
from samego.monitor.site.build import write_site
from samego.monitor.site.pages import TITLE, Site
from samego.report.words import amount
from samego.system.terminal import visible

_URL = re.compile(r"https?://[^\s/]+(/\S*)?")


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        "site",
        help="write the history as a web site",
        description="Write the history as static pages, with files for trackers and a news feed."
        " Only files that changed are written. See docs/site.md.",
    )
    parser.add_argument(
        "directory",
        metavar="DIR",
        type=Path,
        help="the target: a new or empty directory, or one that this command wrote",
    )
    parser.add_argument(
        "--url",
        metavar="URL",
        type=_url,
        help="the site's public address, for the feed (default: url in [site], or SAMEGO_SITE_URL)",
    )
    parser.add_argument(
        "--title",
        metavar="TEXT",
        type=_title,
        default=TITLE,
        help=f"the site's title (default: {TITLE})",
    )
    parser.set_defaults(execute=execute)


def execute(args: argparse.Namespace) -> int:
    """Write what changed; the exit status is 0 whatever the history says."""
    config = settings(args)
    site = Site(args.title, check_public(args.url, "--url") if args.url else config.site_url)
    with (
        listen(quiet=args.quiet) as progress,
        open_history(config.history_directory) as history,
    ):
        done = write_site(history, args.directory, site, progress)
    removed = f" ({done.removed:,} removed)" if done.removed else ""
    sys.stdout.write(f"wrote {done.written:,} of {amount(done.files, 'file')}{removed}\n")
    return 0


def _url(text: str) -> str:
    """A URL, spelt as the configuration takes it."""
    if not _URL.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL such as https://go.example.org")
    return text.rstrip("/")


def _title(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a title needs a word")
    return visible(text.strip())
