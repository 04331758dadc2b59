"""How an answer is had: by its URL, or from the file that it was saved in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from samego.errors import InputError, UnsafePathError, VerificationError
from samego.model.public_url import redacted
from samego.quorum.policy import Rebuilder
from samego.system import safe_open
from samego.system.terminal import visible
from samego.upstream.transport.http import READ_TIMEOUT, Http
from samego.upstream.transport.urls import check_scheme, split_url

#: The longest answer that is read, in bytes.
LIMIT = 64 << 20


class UnreadableError(VerificationError):
    """A rebuilder answered, and what it says cannot be read, or is not signed as it must be."""


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """How the network is used: not at all where ``offline``; ``timeout`` is in seconds."""

    offline: bool = False
    timeout: float = READ_TIMEOUT


def fetch(rebuilder: Rebuilder, url: str, network: NetworkUse, *, limit: int = LIMIT) -> bytes:
    """What a rebuilder's file holds, or what ``url`` answers.

    Raises InputError for a file that cannot be read, and what Http raises.
    """
    if rebuilder.file is not None:
        name = visible(str(rebuilder.file))
        try:
            return safe_open.read_file(rebuilder.file.resolve(), limit)
        except UnsafePathError as error:
            raise InputError(error.message, hint="name a file") from error
        except (OSError, ValueError) as error:
            cause = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(f"{name} cannot be read ({cause})", hint="name a file") from error
    check_scheme(split_url(url), allow_http=True)
    with Http(offline=network.offline, read_timeout=network.timeout) as http:
        return http.get_bytes(url, limit=limit, allow_http=True)


def place_of(rebuilder: Rebuilder, url: str) -> str:
    """Where the answer lies, for messages: without secrets."""
    return visible(rebuilder.file.name) if rebuilder.file is not None else redacted(url)


def build_of(answer: bytes) -> str:
    """The name of the builds that a list speaks of: a copy of it speaks of no others."""
    return f"sha256:{hashlib.sha256(answer).hexdigest()}"
