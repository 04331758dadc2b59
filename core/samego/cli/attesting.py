"""What ``samego attest`` does; imported on demand, since its libraries are an extra."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from samego.attest import envelope, inputs_statement, keys, statement
from samego.cli import output
from samego.cli.options import Parser
from samego.errors import InputError, VerificationError
from samego.report import load
from samego.report.load_inputs import is_inputs, parse_inputs
from samego.report.trackers.statuses import words
from samego.system.terminal import visible
from samego.upstream.checksums.identify import sha256_of

#: How many failed tests are named.
_SHOWN = 4


def attest(args: argparse.Namespace) -> int:
    """Do what the options ask for; the exit status."""
    parser: Parser = args.parser
    if args.new_key is not None:
        if args.files or args.key:
            parser.error("--new-key takes no other arguments")
        output.deliver(f"{keys.new_key(args.new_key)}\n", None)
        return 0
    if not args.key:
        parser.error("name a key with --key, or make one with --new-key")
    if args.verify is not None:
        return _verify(args.verify, args.key, args.threshold, args.files)
    if len(args.files) != 1:
        parser.error("name one report")
    output.check_destination(args.output)
    signers = [keys.load_signer(path) for path in args.key]
    data = load.read(args.files[0])
    output.deliver(envelope.seal(_stated(data, visible(str(args.files[0]))), signers), args.output)
    return 0


def _stated(data: bytes, name: str) -> bytes:
    """The statement on a report, or on a result of ``samego inputs``."""
    if is_inputs(data):
        return inputs_statement.state_inputs(parse_inputs(data, name=name), data)
    return statement.state(load.loads(data, name=name, exact=True), data)


def _verify(path: Path, key_files: Sequence[Path], threshold: int, files: Sequence[Path]) -> int:
    known = [keys.load_public(file) for file in key_files]
    stated = statement.read(envelope.unseal(path, known, threshold))
    roles = [f"{file.name}: {_role(file, stated)}" for file in files]
    lines = [f"{stated.result}: signed, and as samego states it"]
    lines += roles or [f"it is about {name} (sha256 {sum_})" for sum_, name in _about(stated)]
    if stated.failed:
        rest = len(stated.failed) - _SHOWN
        more = f" and {rest:,} more" if rest > 0 else ""
        lines.append(f"failed: {', '.join(stated.failed[:_SHOWN])}{more}")
    output.deliver("".join(f"{visible(line)}\n" for line in lines), None)
    return 1 if stated.result == words("test-result")["fails"] else 0


def _about(stated: statement.Stated) -> list[tuple[str, str]]:
    return sorted(stated.subjects.items(), key=lambda item: item[1])


def _role(file: Path, stated: statement.Stated) -> str:
    """A file's role in a statement. Raises VerificationError for a file that has none."""
    if not file.is_file():
        raise InputError(f"there is no file {visible(str(file))}", hint="name a package file")
    digest = sha256_of(file)
    if digest in stated.subjects:
        return f"is {stated.subjects[digest]}, which it is about"
    if digest == stated.report:
        return "is the report that it was made from"
    raise VerificationError(
        f"{visible(file.name)} (sha256 {digest}) is not among the files of this result",
        hint="name the files that were checked; this one is another or was changed",
    )
