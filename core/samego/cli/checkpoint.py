"""``samego upstream checkpoint`` and ``--checkpoint``: the log that others are shown."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from samego.cli import checkpoint_text
from samego.cli.checkpoint_text import Asked
from samego.cli.options import Subparsers, add_format
from samego.cli.output import check_destination, deliver
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.errors import ConfigError, InputError
from samego.system.progress import Progress
from samego.upstream.connect import connect
from samego.upstream.resolver import UpstreamFiles
from samego.upstream.sumdb.client import SumDatabase
from samego.upstream.sumdb.elsewhere import SeenElsewhere, compare, read_seen
from samego.upstream.sumdb.fork import SplitViewError
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.witness_policy import WitnessPolicy

#: The exit status where a fork of the log is proven.
_FORK = 1
#: And where the cosignatures do not show that all see one log.
_UNDECIDED = 2


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
    add_format(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="write the checkpoint to this file; with an argument: the proof of a fork, if there"
        " is one",
    )
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="the checkpoint must carry the cosignatures that this trust policy asks for"
        " (c2sp.org/tlog-policy), else status 2",
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
    policy = WitnessPolicy.read(args.policy) if args.policy is not None else None
    with listen(quiet=args.quiet) as progress, connect(config, progress=progress) as (upstream, _):
        sums = upstream.sums
        if policy is not None and not policy.accepts_log(sums.verifier):
            raise ConfigError(
                f"{policy.name} names other logs than {sums.verifier.short}",
                hint="add a log line with the key that GOSUMDB names, or take another policy",
            )
        if args.seen is None:
            return _own(args, sums, policy)
        return _compare(args, read_seen(args.seen, upstream.http), sums, policy)


def _own(args: argparse.Namespace, sums: SumDatabase, policy: WitnessPolicy | None) -> int:
    head = sums.remembered
    if head is None:
        raise InputError(
            f"no checkpoint of {sums.verifier.name} was verified here yet",
            hint="check a file first ('samego upstream fetch RELEASE --channel module'), or name a"
            " checkpoint to compare",
        )
    asked = _asked(policy, head)
    if args.format == "json":
        deliver(checkpoint_text.own_json(head, sums.verifier, asked), args.output)
    else:
        deliver(head.note.decode(), args.output)
        # The note alone is what others take.
        sys.stderr.write(checkpoint_text.policy_text(asked))
    return _status(asked)


def _compare(
    args: argparse.Namespace, seen: SeenElsewhere, sums: SumDatabase, policy: WitnessPolicy | None
) -> int:
    as_json = args.format == "json"
    try:
        found = compare(seen, sums)
    except SplitViewError as error:
        evidence = error.evidence
        if args.output is not None:
            deliver(error.fork.encode().decode(), args.output)
            evidence = args.output
        write = checkpoint_text.fork_json if as_json else checkpoint_text.fork_text
        deliver(write(error, evidence, sums.verifier), None)
        return _FORK
    asked = _asked(policy, found.given)
    write_found = checkpoint_text.consistent_json if as_json else checkpoint_text.consistent_text
    deliver(write_found(seen, found, sums.verifier, asked), None)
    return _status(asked)


def _asked(policy: WitnessPolicy | None, head: SignedHead) -> Asked | None:
    """The policy and what it says of a checkpoint, where there is one."""
    return (policy, policy.judge(head.note, time.time())) if policy is not None else None


def _status(asked: Asked | None) -> int:
    return 0 if asked is None or asked[1].met else _UNDECIDED
