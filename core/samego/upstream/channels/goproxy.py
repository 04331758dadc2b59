"""The module proxies that GOPROXY names, and the rules for asking one after the other.

Source: cmd/go/internal/modfetch/proxy.go. This module names no proxy's host: only configured
proxies are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit

from samego.errors import ConfigError, NetworkError, NotPostedError
from samego.upstream.transport.http import ForbiddenError
from samego.upstream.transport.urls import clean_sentence, redacted

_ORIGIN_UNDER_CHECK = "the go.env of the toolchain under check"


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One module proxy: an https, http or file URL.

    ``on_any_error`` says what its failure means: go on to the next one whatever the
    error (a pipe follows), or only when the proxy lacks the file (a comma does).
    """

    url: str
    on_any_error: bool = False

    @property
    def allow_http(self) -> bool:
        """Whether the user configured unencrypted requests."""
        return self.url.startswith("http://")

    def join(self, path: str) -> str:
        """The URL of a path below the proxy, percent-encoded where a URL needs it."""
        return f"{self.url.rstrip('/')}/{quote(path, safe='/!@:+~')}"

    def __str__(self) -> str:
        return redacted(self.url)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The list that GOPROXY names, in its order.

    ``end`` is ``"direct"`` or ``"off"`` where the list ends so, else empty. For the
    toolchain module there is nothing behind ``direct``: it lies in no version control.
    """

    proxies: tuple[Proxy, ...]
    end: str
    origin: str

    def try_each(
        self, fetch: Callable[[Proxy], T], *, otherwise: Callable[[], T] | None = None
    ) -> T:
        """Call ``fetch`` with one proxy after the other until one answers.

        Only NetworkError and NotPostedError make it go on, by the comma and pipe rules; every
        other error is raised as it is. ``otherwise`` is called where the go command would do
        without a proxy: behind ``direct``, and when all who were asked lack it. Where no proxy
        gives the file, raises NotPostedError if all answer that they do not have it (or the list
        is empty), else NetworkError; both name every cause.
        """
        causes: list[NetworkError | NotPostedError] = []
        for proxy in self.proxies:
            try:
                return fetch(proxy)
            except (NetworkError, NotPostedError) as error:  # noqa: PERF203 - the error decides whether the next proxy is asked
                causes.append(error)
                if not proxy.on_any_error and not is_absence(error):
                    raise _combined(causes, "") from error
        if otherwise and (self.end == "direct" or all(is_absence(cause) for cause in causes)):
            return otherwise()
        if not causes:
            raise self._nobody_to_ask()
        raise _combined(causes, self.end) from causes[-1]

    def _nobody_to_ask(self) -> NotPostedError:
        what = {
            "direct": f"GOPROXY is direct ({self.origin}), and toolchains come from proxies alone",
            "off": f"GOPROXY is off ({self.origin}), so that no module proxy may be asked",
        }.get(self.end, "no module proxy is known, as GOPROXY is set nowhere")
        return NotPostedError(what, hint="set GOPROXY to a module proxy, or use another channel")


def parse_proxies(value: str, origin: str) -> Proxies:
    """Read GOPROXY's list; ``origin`` says where it was found.

    Raises ConfigError for an entry that is no URL of a proxy, and for a list of none.
    """
    proxies: list[Proxy] = []
    for name, separator in _entries(value):
        if name in {"direct", "off"}:
            return Proxies(tuple(proxies), name, origin)
        proxies.append(_proxy(name, separator, origin))
    if not proxies:
        raise ConfigError(
            f"GOPROXY holds no entry ({origin})", hint="name a proxy, direct or off, or unset it"
        )
    return Proxies(tuple(proxies), "", origin)


def is_absence(error: Exception) -> bool:
    """Whether an error says that the file does not exist (404, 410), not that it is refused."""
    return isinstance(error, NotPostedError) and not isinstance(error, ForbiddenError)


def proxies_under_check(value: str) -> Proxies:
    """Read the GOPROXY of the toolchain under check: https proxies; others are ignored."""
    proxies: list[Proxy] = []
    end = ""
    for name, separator in _entries(value):
        if name in {"direct", "off"}:
            end = name
            break
        try:
            proxy = _proxy(name, separator, _ORIGIN_UNDER_CHECK)
        except ConfigError:
            continue
        if proxy.url.startswith("https://"):
            proxies.append(proxy)
    return Proxies(tuple(proxies), end, _ORIGIN_UNDER_CHECK)


def _entries(value: str) -> Iterator[tuple[str, str]]:
    """GOPROXY's entries, each with the separator that follows it."""
    pieces = re.split(r"([,|])", value)
    for name, separator in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if name.strip():
            yield name.strip(), separator


def _proxy(name: str, separator: str, origin: str) -> Proxy:
    url = name
    if any(char in name for char in ".:/") and ":/" not in name and not name.startswith("/"):
        url = f"https://{name}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _bad_entry(name, origin) from None
    rest = bool(parts.query or parts.fragment) or clean_sentence(url) != url
    if parts.scheme == "file":
        good = not parts.netloc and parts.path.startswith("/") and not rest
    else:
        good = parts.scheme in {"http", "https"} and bool(host) and not rest
    if not good:
        raise _bad_entry(name, origin)
    return Proxy(url, on_any_error=separator == "|")


def _bad_entry(name: str, origin: str) -> ConfigError:
    return ConfigError(
        f"GOPROXY names {redacted(name)!r}, which is not a proxy ({origin})",
        hint="an entry is an https, http or file URL, direct or off",
    )


def _combined(
    causes: list[NetworkError | NotPostedError], end: str
) -> NetworkError | NotPostedError:
    """One error for all causes; a single one stays as it is."""
    if len(causes) == 1:
        return causes[0]
    tried = [cause.cause for cause in causes] + ([f"then GOPROXY is {end}"] if end else [])
    absent = all(isinstance(cause, NotPostedError) for cause in causes)
    kind = NotPostedError if absent else NetworkError
    return kind("no module proxy has the file", hint=causes[-1].hint, tried=tuple(tried))
