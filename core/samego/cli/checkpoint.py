"""``samego upstream checkpoint`` and ``--checkpoint``: the log that others are shown."""

from __future__ import annotations

import argparse
from pathlib import Path

from samego.cli import checkpoint_text
from samego.cli.options import Subparsers
from samego.cli.output import check_destination, deliver
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.config import Config
from samego.errors import InputError
from samego.system.progress import Progress
from samego.upstream.connect import connect
from samego.upstream.resolver import UpstreamFiles
from samego.upstream.sumdb.elsewhere import compare, read_seen
from samego.upstream.sumdb.fork import SplitViewError

#: The exit status where a fork of the log is proven.
_FORK = 1


def configure_action(actions: Subparsers) -> None:
    """Add the action's parser."""
    parser = actions.add_parser(
        "checkpoint",
        help="write the checksum database's checkpoint, or compare one that was seen elsewhere",
        description="Without an argument: write the newest checkpoint (signed tree head) of the"
        " checksum database that was verified here, for others to compare. With one: prove that it"
        " and the log that is served here are of one history, or that the log is forked. Exit"
        " status: 0 they are of one history, 1 the log is forked, 2 could not decide.",
    )
    parser.add_argument(
        "seen",
        metavar="FILE|URL",
        nargs="?",
        help="a signed checkpoint: what another samego wrote, the go command's"
        " GOPATH/pkg/sumdb/NAME/latest, Source Spotter's gossip address; or the proof of a fork",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="write the checkpoint to this file; with an argument: the proof of a fork, if there"
        " is one",
    )
    parser.set_defaults(execute=execute)


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--checkpoint``, which :func:`confirm` carries out."""
    parser.add_argument(
        "--checkpoint",
        metavar="FILE|URL",
        help="go on only if this checkpoint, seen elsewhere, and the checksum database's log here"
        " are of one history (see 'samego upstream checkpoint')",
    )


def confirm(where: str | None, upstream: UpstreamFiles, progress: Progress) -> None:
    """Compare what ``--checkpoint`` names, if anything. Raises what compare raises."""
    if where is None:
        return
    progress.stage("comparing the checkpoint")
    seen = read_seen(where, upstream.http)
    progress.note(checkpoint_text.told(seen, compare(seen, upstream.sums)))


def execute(args: argparse.Namespace) -> int:
    """Write or compare a checkpoint; the exit status."""
    config = settings(args)
    check_destination(args.output)
    return _own(args, config) if args.seen is None else _compare(args, config)


def _own(args: argparse.Namespace, config: Config) -> int:
    with listen(quiet=args.quiet) as progress, connect(config, progress=progress) as (upstream, _):
        verifier = upstream.sums.verifier
        head = upstream.sums.remembered
    if head is None:
        raise InputError(
            f"no checkpoint of {verifier.name} was verified here yet",
            hint="check a file first ('samego upstream fetch RELEASE --channel module'), or name a"
            " checkpoint to compare",
        )
    if args.format == "json":
        deliver(checkpoint_text.own_json(head, verifier), args.output)
    else:
        deliver(head.note.decode(), args.output)
    return 0


def _compare(args: argparse.Namespace, config: Config) -> int:
    as_json = args.format == "json"
    with listen(quiet=args.quiet) as progress, connect(config, progress=progress) as (upstream, _):
        verifier = upstream.sums.verifier
        seen = read_seen(args.seen, upstream.http)
        try:
            found = compare(seen, upstream.sums)
        except SplitViewError as error:
            evidence = error.evidence
            if args.output is not None:
                deliver(error.fork.encode().decode(), args.output)
                evidence = args.output
            write = checkpoint_text.fork_json if as_json else checkpoint_text.fork_text
            deliver(write(error, evidence, verifier), None)
            return _FORK
    write_found = checkpoint_text.consistent_json if as_json else checkpoint_text.consistent_text
    deliver(write_found(seen, found, verifier), None)
    return 0
