"""Text for others, without the secrets that this process knows.

The pieces of a URL that let somebody in are taken out of what a server says of a request by
:func:`~samego.model.public_url.without_secrets`. Here is the same for text of any origin: a
message, a log, what a program printed. It knows the passwords and tokens of the environment, the
configuration and the command line, and those that a request was sent with.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from samego.model.public_url import OPEN_QUERY, public_url, without_secrets

#: Shorter ones may be ordinary words, and hiding those would spoil messages.
_SHORTEST = 5
_HIDDEN = "xxxxx"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>|]+")
#: Punctuation behind a URL that is not part of it.
_AFTER = ".,;:!?)]}"
#: Variables whose whole value is a credential.
_SECRET_NAME = re.compile(r"_(PASSWORD|PASSPHRASE|TOKEN|SECRET)$")
_known: set[str] = set()


def know(*texts: str) -> None:
    """Note the secrets of the URLs in these texts, for :func:`public_text`."""
    for text in texts:
        for match in _URL.finditer(text):
            _known.update(_pieces(match[0]))


def know_secret(*secrets: str) -> None:
    """Note what is secret as a whole, such as a cookie."""
    _known.update(_forms(*secrets))


def know_header(authorization: str) -> None:
    """Note what a request was sent with, from its URL or from netrc: RFC 7617's header."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        know_secret(credentials)
        return
    _known.add(credentials.rstrip("="))
    login = base64.b64decode(credentials).decode("utf-8", "replace")
    user, _, password = login.partition(":")
    _known.update(_forms(login, password or user))


def know_environment(environ: Mapping[str, str]) -> None:
    """Note the secrets of the environment: those of its URLs, and of variables named so."""
    know(*environ.values())
    for name, value in environ.items():
        if _SECRET_NAME.search(name):
            know_secret(value)


def hide(text: str) -> str:
    """The text without the secrets that were noted; all else stays as it is."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def public_text(text: str, *urls: str) -> str:
    """The text without the secrets of ``urls`` and those noted; URLs in it as they are shown."""
    for url in urls:
        text = without_secrets(text, url)
    text = hide(text)
    return _URL.sub(_shown, text) if "://" in text else text


def _shown(match: re.Match[str]) -> str:
    url = match[0].rstrip(_AFTER)
    return public_url(url) + match[0][len(url) :]


def _pieces(url: str) -> Iterable[str]:
    """The parts of a URL that are secret everywhere; a user's name is not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    login = parts.netloc.rpartition("@")[0]
    user, colon, password = login.partition(":")
    yield from _forms(password if colon else user)
    if colon:
        yield from _forms(login)
    if parts.scheme != "file":
        query = "" if parts.query in OPEN_QUERY else parts.query
        yield from _forms(parts.fragment, *(value for _name, value in parse_qsl(query)))


def _forms(*secrets: str) -> Iterable[str]:
    """Secrets as they are written: plain, escaped, and as in a header."""
    for secret in secrets:
        plain = unquote(secret)
        if len(plain) < _SHORTEST:
            continue
        yield from (secret, plain, quote(plain), quote(plain, safe=""))
        yield base64.b64encode(plain.encode()).decode().rstrip("=")
