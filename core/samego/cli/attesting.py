"""What ``samego attest`` does; imported on demand, since its libraries are an extra."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from securesystemslib.signer import CryptoSigner, SSlibKey

from samego.attest import bundle, envelope, keys, reading
from samego.attest.statement import Stated
from samego.cli import output
from samego.cli.options import Parser
from samego.cli.stating import statements
from samego.errors import InputError, VerificationError
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
        known = [keys.load_public(file) for file in args.key]
        check = _verify_bundle if bundle.is_bundle(args.verify) else _verify
        return check(args.verify, known, args.threshold, args.files)
    output.check_destination(args.output)
    signers = [keys.load_signer(path) for path in args.key]
    _write(statements(args), signers, args.output)
    return 0


def _write(payloads: Sequence[bytes], signers: Sequence[CryptoSigner], to: Path | None) -> None:
    """Write one envelope, or add to a bundle. Raises InputError for several in one file."""
    if to is not None and bundle.is_bundle(to):
        lines = [envelope.seal_line(each, signers) for each in payloads]
        output.deliver(bundle.added(to, lines), to)
    elif len(payloads) == 1:
        sigstore = to is not None and to.name.endswith(envelope.SIGSTORE_SUFFIX)
        seal = envelope.seal_sigstore if sigstore else envelope.seal
        output.deliver(seal(payloads[0], signers), to)
    elif to is None:
        lines = [envelope.seal_line(each, signers) for each in payloads]
        output.deliver("".join(lines), None)
    else:
        raise InputError(
            f"there are {len(payloads)} statements, and {visible(to.name)} holds one",
            hint=f"write them to a bundle: -o {to.stem}{bundle.SUFFIX}",
        )


def _verify(path: Path, known: Sequence[SSlibKey], threshold: int, files: Sequence[Path]) -> int:
    stated = reading.read(envelope.unseal(path, known, threshold))
    roles = [f"{file.name}: {_role_in_one(file, stated)}" for file in files]
    _print(list(_lines(stated, roles)))
    return 1 if reading.fails(stated) else 0


def _verify_bundle(
    path: Path, known: Sequence[SSlibKey], threshold: int, files: Sequence[Path]
) -> int:
    """Judge each line; those that are about other files do not count where files are given.

    Raises VerificationError where no line can be believed, or one was changed.
    """
    shown: list[str] = []
    believed: list[Stated] = []
    changed: list[int] = []
    missing = set(files)
    for line in bundle.judge(path, known, threshold):
        if line.ours:
            changed.append(line.number)
        if line.stated is None:
            shown.append(f"line {line.number}: not believed: {line.problem}")
            continue
        roles = {file: role for file in files if (role := _role(file, line.stated))}
        missing -= roles.keys()
        about = [f"{file.name}: {role}" for file, role in roles.items()]
        first, *rest = _lines(line.stated, about)
        if files and not roles:
            shown.append(f"line {line.number}: it is about other files")
            continue
        believed.append(line.stated)
        shown += [f"line {line.number}: {first}", *(f"  {each}" for each in rest)]
    _print(shown)
    if changed:
        raise VerificationError(
            f"{visible(path.name)}: line {changed[0]} names the key given, and it has not signed"
            " that",
            hint="do not trust the line: it was changed",
        )
    if missing:
        raise _not_among(min(missing))
    if not believed:
        raise VerificationError(
            f"{visible(path.name)} holds nothing that the keys given have signed",
            hint="name the signers' keys with --key",
        )
    return 1 if any(reading.fails(stated) for stated in believed) else 0


def _print(lines: Sequence[str]) -> None:
    output.deliver("".join(f"{visible(line)}\n" for line in lines), None)


def _lines(stated: Stated, roles: Sequence[str]) -> Iterator[str]:
    """What is stated, and of what; the result first."""
    yield f"{stated.result}: signed, and as samego states it"
    if stated.by:
        yield f"stated by {stated.by}"
    if stated.properties:
        yield f"verified: {', '.join(stated.properties)}"
    yield from roles or [f"it is about {name} (sha256 {sum_})" for sum_, name in _about(stated)]
    if stated.failed:
        rest = len(stated.failed) - _SHOWN
        more = f" and {rest:,} more" if rest > 0 else ""
        yield f"failed: {', '.join(stated.failed[:_SHOWN])}{more}"


def _about(stated: Stated) -> list[tuple[str, str]]:
    return sorted(stated.subjects.items(), key=lambda item: item[1])


def _role_in_one(file: Path, stated: Stated) -> str:
    """A file's role in the one statement. Raises VerificationError for a file that has none."""
    role = _role(file, stated)
    if not role:
        raise _not_among(file)
    return role


def _role(file: Path, stated: Stated) -> str:
    """A file's role in a statement; empty for a file that has none."""
    if not file.is_file():
        raise InputError(f"there is no file {visible(str(file))}", hint="name a package file")
    digest = sha256_of(file)
    if digest in stated.subjects:
        return f"is {stated.subjects[digest]}, which it is about"
    return "is the report that it was made from" if digest == stated.report else ""


def _not_among(file: Path) -> VerificationError:
    return VerificationError(
        f"{visible(file.name)} (sha256 {sha256_of(file)}) is not among the files of this result",
        hint="name the files that were checked; this one is another or was changed",
    )
