"""What a URL may be, and how it is told to a person."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from samego.errors import ConfigError, InputError

#: Characters of someone else's words that a message repeats.
MAX_SENTENCE = 200


def redacted(url: str) -> str:
    """The URL without a password, for messages and reports."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return clean_sentence(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return clean_sentence(url)
    name, colon, _ = user.partition(":")
    netloc = f"{name}:xxxxx@{host}" if colon else f"{name}@{host}"
    return clean_sentence(urlunsplit(parts._replace(netloc=netloc)))


def clean_sentence(text: str) -> str:
    """The first line of what someone else wrote, printable and at most 200 characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = "".join(char for char in line if char.isprintable())
    return shown if len(shown) <= MAX_SENTENCE else f"{shown[: MAX_SENTENCE - 3]}..."


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine by its spelling alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_url(url: str) -> SplitResult:
    """Take a URL apart; raises InputError for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError as error:
        raise bad_url(url) from error
    return parts


def bad_url(url: str) -> InputError:
    """The error for what is not a URL."""
    return InputError(f"{redacted(url)!r} is not a URL", hint="correct the setting that named it")


def check_scheme(parts: SplitResult, *, allow_http: bool) -> None:
    """Raise unless a URL names a host by https, or by http where that is allowed.

    Raises InputError for another scheme or no host, ConfigError for http elsewhere than
    on the loopback.
    """
    host = parts.hostname or ""
    if not host or parts.scheme not in {"http", "https"}:
        raise InputError(
            f"{redacted(urlunsplit(parts))!r} is not a URL that can be fetched",
            hint="write https://HOST/PATH",
        )
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        raise ConfigError(
            f"{redacted(urlunsplit(parts))} is not encrypted", hint="use its https address"
        )
