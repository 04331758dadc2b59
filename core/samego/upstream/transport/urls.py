"""What a URL that is fetched may be."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from samego.errors import ConfigError, InputError
from samego.model.public_url import clean_sentence, public_url, redacted, without_secrets

__all__ = ["clean_sentence", "public_url", "redacted", "without_secrets"]


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine by its spelling alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_url(url: str) -> SplitResult:
    """Parse a URL; raises InputError for an invalid one."""
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
