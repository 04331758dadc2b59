"""``samego upstream prove``, and ``verify --proof``: log proofs as files."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from samego.cli import output, upstream_text
from samego.cli.options import Subparsers
from samego.cli.progress import listen
from samego.cli.settings import settings
from samego.errors import InputError, UnknownReleaseError
from samego.model.release import Release, Target, module_version
from samego.system.host import host_target
from samego.upstream.channels.gosettings import GoSetting, read_settings
from samego.upstream.checksums.log_record import GivenProof
from samego.upstream.checksums.verify_file import FileAnswer
from samego.upstream.connect import connect
from samego.upstream.log_proofs import prove_file, prove_release, verify_by_proof
from samego.upstream.sumdb.proof import MAX_PROOF, SUFFIX

_STDOUT = "-"


def configure(actions: Subparsers) -> None:
    """Add the parser of ``prove``."""
    prove = actions.add_parser(
        "prove",
        help="write the proof that a toolchain is in the checksum database",
        description="Write the proof that a toolchain's record is in the Go checksum database, as a"
        " C2SP tlog-proof. With it and the database's public key anybody verifies the file without"
        " a network: 'samego upstream verify FILE --proof FILE.tlog-proof'.",
    )
    prove.add_argument(
        "what",
        metavar="FILE|RELEASE",
        help="a zip of golang.org/toolchain, an archive of go.dev/dl, or a release such as"
        " go1.24.4",
    )
    prove.add_argument(
        "--target",
        metavar="T",
        help="of a release: such as linux-arm64 (default: this machine's)",
    )
    prove.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"where to write it, - for stdout (default: FILE{SUFFIX}, or in this directory)",
    )
    prove.set_defaults(execute=prove_it, parser=prove)


def add_options(verify: argparse.ArgumentParser) -> None:
    """Add what ``verify`` knows of log proofs."""
    verify.add_argument(
        "--proof",
        metavar="FILE",
        type=Path,
        help="use this log proof of the one file, and no network",
    )
    verify.add_argument(
        "--key",
        metavar="KEY",
        help="the public key of the database that the proof is from, as GOSUMDB spells it"
        " (default: what GOSUMDB says, else sum.golang.org's)",
    )


def prove_it(args: argparse.Namespace) -> int:
    """Write a proof, and say on stdout what it covers unless it goes there itself."""
    path = Path(args.what)
    if path.exists():
        if args.target:
            args.parser.error("--target is for a release: a file is of one target")
        file = path
    else:
        release, target = _named(args)
        file = Path(f"{module_version(release, target)}.zip")
    destination = file.with_name(f"{file.name}{SUFFIX}")
    to_stdout = args.output == _STDOUT
    if args.output and not to_stdout:
        destination = Path(args.output)
    if not to_stdout:
        output.check_destination(destination)
    config = settings(args)
    with (
        listen(quiet=args.quiet) as progress,
        connect(config, progress=progress) as (upstream, opener),
    ):
        if path.exists():
            progress.stage(f"reading {path.name}")
            proven = prove_file(path, upstream.authorities, upstream.verifier, opener)
        else:
            proven = prove_release(release, target, upstream.verifier)
    output.deliver(proven.text, None if to_stdout else destination)
    if not to_stdout:
        sys.stdout.write(upstream_text.proven(proven, file, destination))
    return 0


def _named(args: argparse.Namespace) -> tuple[Release, Target]:
    try:
        release = Release.parse(args.what)
    except UnknownReleaseError as error:
        raise InputError(
            f"{args.what!r} is neither a file nor a release",
            hint="name a file that exists, or a release such as go1.24.4",
        ) from error
    return release, Target.parse(args.target) if args.target else host_target()


def verified_by(args: argparse.Namespace) -> FileAnswer:
    """The answer about the one file that ``verify --proof`` names. No network is used."""
    if len(args.files) != 1:
        args.parser.error("a log proof is of one file: name one")
    path: Path = args.files[0]
    gosumdb = (
        GoSetting("GOSUMDB", args.key, "the option --key") if args.key else read_settings().gosumdb
    )
    given = GivenProof.open(_read(args.proof), gosumdb)
    config = replace(settings(args), offline=True)
    with (
        listen(quiet=args.quiet) as progress,
        connect(config, progress=progress, log_proof=given) as (upstream, opener),
    ):
        progress.stage(f"reading {path.name}")
        return verify_by_proof(path, upstream.verifier, opener)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PROOF + 1)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror})",
            hint="name a proof that 'samego upstream prove' wrote",
        ) from error
