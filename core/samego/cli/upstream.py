"""``samego upstream``: list, download, verify and prove upstream's files; compare checkpoints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.cli import checkpoint, log_proof, upstream_text
from samego.cli.options import Subparsers, add_format
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.config import CHANNELS, REBUILD_CHANNEL, Config
from samego.errors import DiskFullError, InputError, NetworkError, NotPostedError, SamegoError
from samego.model.release import Release, Target
from samego.system import atomic
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.cache.records import FULL
from samego.upstream.channels.interface import Channel, Listing, Posted
from samego.upstream.checksums.verify_file import Decision, FileAnswer, verify_file
from samego.upstream.connect import connect
from samego.upstream.resolver import UpstreamFiles, first_that_has


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "upstream",
        help="list, download, verify and prove upstream's files",
        description="List, download, verify and prove the files that upstream publishes.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    listing = actions.add_parser(
        "list", help="list releases and targets, and the channels that have them"
    )
    listing.add_argument("--release", metavar="R", help="only this release")
    listing.add_argument("--target", metavar="T", help="only this target")
    listing.add_argument(
        "--channel", choices=(*CHANNELS, REBUILD_CHANNEL), help="ask only this channel"
    )
    add_format(listing)
    listing.set_defaults(execute=_list)
    fetch = actions.add_parser("fetch", help="download a release and verify it")
    fetch.add_argument("release", metavar="RELEASE", help="such as go1.24.4")
    fetch.add_argument(
        "--target", metavar="T", help="such as linux-arm64 (default: this machine's)"
    )
    fetch.add_argument("--source", action="store_true", help="download the source archive instead")
    fetch.add_argument(
        "--channel", choices=(*CHANNELS, REBUILD_CHANNEL), help="ask only this channel"
    )
    fetch.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the directory to write to (default: this one)",
    )
    fetch.add_argument(
        "--allow-unverified", action="store_true", help="accept a file that cannot be verified"
    )
    fetch.set_defaults(execute=_fetch)
    verify = actions.add_parser("verify", help="check whether a file is upstream's")
    verify.add_argument("files", metavar="FILE", nargs="+", type=Path)
    add_format(verify)
    checkpoint.add_option(verify)
    log_proof.add_options(verify)
    verify.set_defaults(execute=_verify, parser=verify)
    log_proof.configure(actions)
    checkpoint.configure_action(actions)


def execute(args: argparse.Namespace) -> int:
    """Run the action that the arguments name; the exit status."""
    status: int = args.execute(args)
    return status


@contextmanager
def _connected(
    config: Config, progress: Progress, *, unverified: bool = False
) -> Iterator[UpstreamFiles]:
    with connect(config, progress=progress, allow_unverified=unverified) as (upstream, _):
        yield upstream


def _list(args: argparse.Namespace) -> int:
    config = settings(args)
    release = Release.parse(args.release) if args.release else None
    target = Target.parse(args.target) if args.target else None
    rows: list[tuple[str, Listing]] = []
    errors: list[SamegoError] = []
    with listen(quiet=args.quiet) as progress, _connected(config, progress) as upstream:
        for channel in upstream.channels:
            listed = _ask(channel)
            if isinstance(listed, SamegoError):
                errors.append(listed)
                progress.note(f"{channel.name}: {listed.cause}")
            else:
                rows += [(channel.name, row) for row in listed]
        if len(errors) == len(upstream.channels):
            raise errors[-1]
    chosen = [
        (channel, row)
        for channel, row in rows
        if release in (None, row.release) and target in (None, row.target)
    ]
    write = upstream_text.listing_json if args.format == "json" else upstream_text.listing_text
    sys.stdout.write(write(chosen))
    return 0


def _ask(channel: Channel) -> list[Listing] | NetworkError | NotPostedError:
    try:
        return list(channel.listing())
    except (NetworkError, NotPostedError) as error:
        return error


def _fetch(args: argparse.Namespace) -> int:
    config = settings(args)
    release = Release.parse(args.release)
    target = Target.parse(args.target) if args.target else host_target()
    if not args.output.is_dir():
        raise InputError(
            f"{args.output} is not a directory", hint="make it, or name another for -o"
        )
    with (
        listen(quiet=args.quiet) as progress,
        _connected(config, progress, unverified=args.allow_unverified) as upstream,
    ):
        if args.source:
            selection = first_that_has(
                f"the source of {release}",
                upstream.channels,
                lambda each: each.fetch_source(release),
            )
            for note in selection.notes:
                progress.note(note)
        else:
            selection = upstream.fetch(release, target)
        posted = selection.posted
        path = args.output / posted.url.rpartition("/")[2]
        _copy(posted, path)
    sys.stdout.write(upstream_text.fetched(posted, path))
    return 0


def _copy(posted: Posted, path: Path) -> None:
    """Copy a posted file, whole or not at all."""
    if path.exists() and path.samefile(posted.path):
        return
    try:
        atomic.copy(posted.path, path)
    except OSError as error:
        if error.errno in FULL:
            raise DiskFullError(
                f"no disk space is left for {path}", hint="free some space"
            ) from error
        raise InputError(
            f"{path} cannot be written ({error.strerror})", hint="name another directory for -o"
        ) from error


def _verify(args: argparse.Namespace) -> int:
    if args.key and args.proof is None:
        args.parser.error("--key is for --proof")
    if args.proof is not None and args.checkpoint is not None:
        args.parser.error("--proof asks nobody, so that no --checkpoint can be compared")
    answers = [log_proof.verified_by(args)] if args.proof is not None else _answers(args)
    write = upstream_text.answers_json if args.format == "json" else upstream_text.answers_text
    sys.stdout.write(write(answers))
    decisions = {answer.decision for answer in answers}
    worst = next(
        kind
        for kind in (Decision.CONTRADICTED, Decision.UNDECIDED, Decision.POSTED)
        if kind in decisions
    )
    return worst.exit_status


def _answers(args: argparse.Namespace) -> list[FileAnswer]:
    answers = []
    with listen(quiet=args.quiet) as progress, _connected(settings(args), progress) as upstream:
        checkpoint.confirm(args.checkpoint, upstream, progress)
        for path in args.files:
            progress.stage(f"reading {path.name}")
            answers.append(
                verify_file(
                    path,
                    upstream.authorities,
                    upstream.verifier,
                    signatures=upstream.signatures,
                )
            )
    return answers
