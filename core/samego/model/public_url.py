"""How a URL is shown to others: without credentials.

A URL may carry a user, a password or a token. Only the request itself uses
them; what is printed, reported, signed or stored comes from :func:`public_url`.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from samego.errors import ConfigError

#: How many characters of another program's words a message repeats.
MAX_SENTENCE = 200
#: What a query may say to others: go.dev/dl's own, which asks for all releases.
OPEN_QUERY = frozenset({"", "mode=json&include=all", "mode=json"})
#: An at-sign that is not a module version's (``@v/list``, ``toolchain@v0.0.1-...``).
_AT = re.compile(r"@(?!v[0-9/]|latest)")
#: The shortest piece of a URL that is hidden in other programs' texts.
_SHORTEST_SECRET = 3
_HIDDEN = "xxxxx"


def public_url(url: str) -> str:
    """A URL without user, password, query and fragment.

    A URL that cannot be parsed with certainty shows its scheme at most. A file's path stays.
    """
    parts = _split(url)
    if parts is None:
        scheme = re.match(r"[a-z][a-z0-9+.-]*://", url)
        return f"{scheme[0] if scheme else ''}(not shown)"
    if parts.scheme == "file":
        return url
    query = parts.query if parts.query in OPEN_QUERY else ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query=query, fragment=""))


def check_public(url: str, where: str) -> str:
    """The URL, which is written for all to read. Raises ConfigError for one with secrets."""
    if public_url(url) != url:
        raise ConfigError(
            f"{where} holds a user, a password, a query or a fragment, and everybody can read it",
            hint="write the URL without them",
        )
    return url


def redacted(url: str) -> str:
    """The URL as :func:`public_url` gives it, one printable line, for messages."""
    return clean_sentence(public_url(url))


def without_secrets(text: str, url: str) -> str:
    """Another program's text about a request, without the secret parts of its URL."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def clean_sentence(text: str) -> str:
    """The first line of another program's text, printable and at most 200 characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = "".join(char for char in line if char.isprintable())
    return shown if len(shown) <= MAX_SENTENCE else f"{shown[: MAX_SENTENCE - 3]}..."


def _split(url: str) -> SplitResult | None:
    """A URL's parts; None where a password may have been parsed as a port or a path."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    rest = urlunsplit(parts._replace(scheme="", netloc=""))
    if parts.scheme != "file" and _AT.search(rest):
        return None
    return parts


def _secrets(url: str) -> set[str]:
    """The pieces of a URL that :func:`public_url` leaves out, as written and as meant."""
    parts = _split(url)
    if parts is None:
        return {url, *re.split(r"[/@:?&=#]+", url)[1:]} - {""}
    user, _, _host = parts.netloc.rpartition("@")
    query = "" if parts.query in OPEN_QUERY else parts.query
    pieces = {user, *user.split(":", 1), query, parts.fragment}
    pieces |= {value for _name, value in parse_qsl(query)}
    pieces |= {unquote(piece) for piece in pieces}
    return {piece for piece in pieces if len(piece) >= _SHORTEST_SECRET}
