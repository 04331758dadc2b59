"""Bundles: files named ``*.intoto.jsonl``, with an envelope on each line.

Format: in-toto/attestation, spec/v1/bundle.md. A bundle as a whole is not signed: a line can be
taken away, or be about something else. So each line is judged by itself, and what nobody here
knows is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.signer import SSlibKey

from samego.attest import envelope
from samego.attest.reading import read
from samego.attest.statement import Stated
from samego.errors import InputError, VerificationError
from samego.report import strict_json
from samego.system.terminal import visible

SUFFIX = ".intoto.jsonl"
#: No bundle is larger, in bytes, nor has more lines.
_LARGEST = 64 << 20
_MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """One line: what it states, or why it was not believed.

    ``ours`` says that it names one of the keys, so that it should have been: it was changed.
    """

    number: int
    stated: Stated | None
    problem: str = ""
    ours: bool = False


def is_bundle(path: Path) -> bool:
    """Whether a file is a bundle by its name."""
    return path.name.endswith(SUFFIX)


def lines(path: Path) -> list[tuple[int, bytes]]:
    """The numbered lines of a bundle that are not empty, or the one envelope of another file.

    Raises InputError for a file that cannot be read, or that is too large or long.
    """
    data = envelope.read_file(path, _LARGEST)
    each = enumerate(data.splitlines() if is_bundle(path) else [data], start=1)
    found = [(number, line) for number, line in each if line.strip()]
    if len(found) > _MOST_LINES or any(len(line) > envelope.LIMIT for _, line in found):
        raise InputError(
            f"{visible(path.name)} is too large", hint=f"give at most {_MOST_LINES:,} envelopes"
        )
    return found


def judge(path: Path, keys: Sequence[SSlibKey], threshold: int = 1) -> Iterator[JudgedLine]:
    """What each line of a bundle states to somebody who has these keys.

    Raises InputError as :func:`lines` does, and for a threshold that the keys cannot reach.
    """
    envelope.check_threshold(keys, threshold)
    for number, line in lines(path):
        yield _judged(number, line, keys, threshold)


def added(path: Path, new: Sequence[str]) -> str:
    """A bundle with these lines after its own, each of which stays as it is.

    A line that is there already is not there twice. Raises InputError for a file that is no
    bundle: it would be overwritten.
    """
    try:
        old = [line.decode() for _, line in lines(path)] if path.is_file() else []
        for line in old:
            strict_json.parse(line.encode())
    except ValueError as error:
        raise InputError(
            f"{visible(path.name)} is there, and is no bundle", hint="name another file for -o"
        ) from error
    fresh = [line.removesuffix("\n") for line in new]
    return "".join(f"{line}\n" for line in dict.fromkeys([*old, *fresh]))


def _judged(number: int, line: bytes, keys: Sequence[SSlibKey], threshold: int) -> JudgedLine:
    try:
        sealed = envelope.parse(line, name=f"line {number}")
        if len(envelope.signed_by(sealed, keys)) >= threshold:
            return JudgedLine(number, read(sealed.payload))
    except VerificationError as error:
        return JudgedLine(number, None, error.message)
    if _named(line) & {key.keyid for key in keys}:
        return JudgedLine(
            number, None, "it was changed, or too few of the keys signed it", ours=True
        )
    return JudgedLine(number, None, "others have signed it")


def _named(line: bytes) -> set[str]:
    """The key ids that an envelope names: hints, that anybody can write."""
    return {str(each.get("keyid", "")) for each in strict_json.parse(line)["signatures"]}
