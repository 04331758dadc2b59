"""Results that are named on the command line: ``OPERATOR=URL``, ``OPERATOR=FILE``, or a FILE.

An answer that nobody has signed is somebody's word only because the user says whose it is. Whose a
signed result is says its key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from samego.errors import InputError, UnsafePathError
from samego.integrations.rebuilders.fetching import LIMIT
from samego.model.public_url import redacted
from samego.model.written import parse_url
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.system import safe_open
from samego.system.terminal import visible

_OPERATOR = re.compile(r"([^\s=:/][^=:/]{0,98}[^\s=:/]|[^\s=:/])=(.+)", re.DOTALL)
_URL = re.compile(r"https?://", re.ASCII)
#: How the feeds of Source Spotter begin.
_CSV = b"Version,"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file of signed results, by its name and bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """What was named: rebuilders to ask, and files of signed results."""

    rebuilders: tuple[Rebuilder, ...]
    files: tuple[SignedFile, ...]


def read_given(words: Iterable[str]) -> Given:
    """Take apart what was named. Raises InputError and ConfigError for what it cannot be."""
    rebuilders: list[Rebuilder] = []
    files: list[SignedFile] = []
    for word in dict.fromkeys(words):
        operator, place = _split(word)
        if _URL.match(place):
            rebuilders.append(_at_url(operator, place))
            continue
        path = Path(place)
        data = _read(path)
        kind = _kind(data)
        if kind is not RebuilderKind.ENVELOPE:
            rebuilders.append(Rebuilder(place, _known(operator, place), kind, file=path))
        elif operator:
            raise InputError(
                f"{visible(place)} is signed, and its key says whose it is",
                hint=f"leave '{visible(operator)}=' out, and name the key in the policy file",
            )
        else:
            files.append(SignedFile(visible(path.name), data))
    return Given(tuple(rebuilders), tuple(files))


def signed_result(path: Path) -> SignedFile | None:
    """The file where it is one signed result: an envelope or rebuilderd's attestation.

    Raises InputError for a file that cannot be read.
    """
    data = _read(path)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    signed = isinstance(found, dict) and ("payload" in found or "signed" in found)
    return SignedFile(visible(path.name), data) if signed else None


def _split(word: str) -> tuple[str, str]:
    """The operator and the place; a file whose name has such a sign is a file."""
    match = _OPERATOR.fullmatch(word)
    if match is None or Path(word).is_file():
        return "", word
    return match[1], match[2]


def _at_url(operator: str, place: str) -> Rebuilder:
    url = parse_url(place, "RESULT")
    whose = _known(operator, redacted(url))
    name = redacted(url)
    path = urlsplit(url).path
    if path.endswith(".csv"):
        base = url.rpartition("/")[0]
        return Rebuilder(name, whose, RebuilderKind.SOURCE_SPOTTER, url=base)
    if path.endswith(".json"):
        return Rebuilder(name, whose, RebuilderKind.GO_DEV, url=url)
    if path.endswith(".jsonl"):
        raise InputError(
            f"{name} is signed, and its key says whose it is",
            hint='name it with its key in the policy file (kind = "envelope")',
        )
    return Rebuilder(name, whose, RebuilderKind.REBUILDERD, url=url)


def _known(operator: str, place: str) -> str:
    if not operator:
        raise InputError(
            f"whose answer {visible(place)} is was not said: what one operator says counts once",
            hint=f"write OPERATOR={visible(place)}, or name it in a policy file",
        )
    return operator


def _kind(data: bytes) -> RebuilderKind:
    """What a saved answer is, by how it begins; whatever is nothing else should be signed."""
    if data.startswith(_CSV):
        return RebuilderKind.SOURCE_SPOTTER
    if data.lstrip()[:1] == b"[":
        return RebuilderKind.REBUILDERD
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return RebuilderKind.ENVELOPE
    is_report = isinstance(found, dict) and "Releases" in found
    return RebuilderKind.GO_DEV if is_report else RebuilderKind.ENVELOPE


def _read(path: Path) -> bytes:
    name = visible(str(path))
    try:
        return safe_open.read_file(path.resolve(), LIMIT)
    except UnsafePathError as error:
        raise InputError(error.message, hint="name a result") from error
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"{name} cannot be read ({cause})", hint="name a result: OPERATOR=URL, or a file"
        ) from error
