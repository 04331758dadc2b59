"""One small HTTP client for everything that samego fetches.

It gives bytes and streams, and errors of :mod:`samego.errors` only. What arrives is not
trusted here: the caller verifies it.
"""

from __future__ import annotations

import importlib.metadata
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import TypeVar, final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from samego.errors import InputError, NetworkError
from samego.model.secrets import know_header
from samego.system import ending, watchdog
from samego.system.closing import Closing
from samego.system.watchdog import RATE, Watchdog
from samego.upstream.transport.file_url import open_file
from samego.upstream.transport.responses import (
    CHUNK,
    RANGE_NOT_SATISFIABLE,
    BrokenOffError,
    ForbiddenError,
    Response,
    TooSlowError,
    connection_error,
    on_the_way,
    read_answer,
)
from samego.upstream.transport.urls import bad_url, check_scheme, is_loopback, redacted, split_url

__all__ = ["ForbiddenError", "Http", "Response", "redacted"]

_log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
#: Seconds before the first repeated request; each further one waits twice as long.
BACKOFF = 0.5
RETRIES = 2
#: As many redirects as net/http follows.
MAX_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

T = TypeVar("T")


class _Session(requests.Session):
    """A session that leaves redirects to Http: requests reads their bodies without a limit."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - requests' own signature
        return None


def trusted_certificates() -> str | bool:
    """The certificates that this system trusts: a file or a directory of them.

    What the administrator installed decides, not the list that comes with a Python
    library; that one is left (True) for a system that has none. REQUESTS_CA_BUNDLE and
    CURL_CA_BUNDLE override both, as requests reads them by itself.
    """
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


@final
class Http(Closing):
    """An HTTP client with timeouts (seconds), bounded bodies and few retries.

    URLs are https, except that a loopback host may speak http, and any host may where
    the call says ``allow_http`` because the user wrote that URL. A ``file`` URL is read
    from the disk; nothing redirects to one. The usual environment variables (https_proxy,
    no_proxy, REQUESTS_CA_BUNDLE) hold as they do in requests.

    All methods raise NetworkError when a server cannot be reached, answers too slowly,
    fails (429 and 5xx, after ``retries`` repetitions) or breaks off; NotPostedError when
    it answers 401, 403 (both ForbiddenError), 404 or 410; ConfigError for a URL whose
    scheme is not allowed and InputError for an invalid URL.
    """

    def __init__(
        self,
        *,
        offline: bool = False,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
        rate: int = RATE,
    ) -> None:
        self.offline = offline
        self._timeouts = (connect_timeout, read_timeout)
        self._retries = retries
        self._backoff = backoff
        self._rate = rate
        self._session = _Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, watchdog.adapter())
        self._session.headers["User-Agent"] = f"samego/{importlib.metadata.version('samego')}"
        # The bytes as posted: lengths and digests are of these.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.verify = trusted_certificates()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get_bytes(self, url: str, *, limit: int, allow_http: bool = False) -> bytes:
        """Fetch a whole body of at most ``limit`` bytes.

        Raises NetworkError also for a longer body.
        """

        def once() -> bytes:
            with self._stream_once(url, 0, allow_http=allow_http) as response:
                return _read_all(response, limit)

        return self._retrying(once)

    @contextmanager
    def stream(self, url: str, *, start: int = 0, allow_http: bool = False) -> Iterator[Response]:
        """Open a body for reading, from the offset ``start`` on if the server can.

        A server that ignores the range, or has no such offset, gives the whole file:
        see ``Response.start``. Opening is repeated as ``retries`` says, reading is not:
        call again with what was read so far.
        """
        with ExitStack() as stack:
            yield self._retrying(
                lambda: stack.enter_context(self._stream_once(url, start, allow_http=allow_http))
            )

    def _retrying(self, action: Callable[[], T], attempt: int = 0) -> T:
        """Call, again where the failure may be a passing one."""
        try:
            return action()
        except BrokenOffError:
            if attempt >= self._retries:
                raise
        ending.sleep(self._backoff * 2**attempt)
        return self._retrying(action, attempt + 1)

    def _stream_once(
        self, url: str, start: int, *, allow_http: bool
    ) -> AbstractContextManager[Response]:
        parts = split_url(url)
        if parts.scheme == "file":
            return open_file(parts, start)
        check_scheme(parts, allow_http=allow_http)
        if self.offline:
            raise NetworkError(
                f"{redacted(url)} is not in the cache and samego is offline",
                hint="run once without --offline, or name a mirror directory",
            )
        return self._stream_http(url, start, allow_http=allow_http)

    @contextmanager
    def _stream_http(self, url: str, start: int, *, allow_http: bool) -> Iterator[Response]:
        # Answers that come slowly have the time to connect and that of one read, and what they
        # send buys more: CHUNK is what may have come without being seen.
        grace = sum(self._timeouts) + CHUNK / self._rate
        with Watchdog(grace, self._rate) as watched, _given_up(url, watched), ExitStack() as stack:
            answer = self._follow(url, start, allow_http=allow_http)
            stack.callback(answer.close)
            if answer.status_code == RANGE_NOT_SATISFIABLE and start:
                answer.close()
                start = 0
                answer = self._follow(url, start, allow_http=allow_http)
                stack.callback(answer.close)
            response = read_answer(answer, start, url)
            yield replace(response, chunks=watched.counted(response.chunks))

    def _follow(self, url: str, start: int, *, allow_http: bool) -> requests.Response:
        """Ask one URL and follow its redirects, never from https to anything else."""
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._ask(target, start, url)
            except InputError as error:
                if target == url:
                    raise
                raise _bad_redirect(url, target) from error
            location = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or location is None:
                return answer
            answer.close()
            after = _redirected(target, location, allow_http=allow_http)
            if after is None:
                raise _bad_redirect(url, location)
            target = after
        raise NetworkError(
            f"{redacted(url)} redirects more than {MAX_REDIRECTS} times",
            hint="ask another channel or mirror",
        )

    def _ask(self, url: str, start: int, asked: str) -> requests.Response:
        headers = {"Range": f"bytes={start}-"} if start else {}
        began = time.monotonic()
        try:
            answer = self._session.get(
                url, headers=headers, stream=True, timeout=self._timeouts, allow_redirects=False
            )
        # A ValueError is a UnicodeError: a user or password that no header can carry.
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise connection_error(url, error, self._timeouts, asked) from error
        except ValueError as error:
            raise bad_url(url) from error
        seconds = time.monotonic() - began
        know_header(str(answer.request.headers.get("Authorization", "")))
        _log.debug("GET %s: %d after %.3f s", redacted(url), answer.status_code, seconds)
        return answer


@contextmanager
def _given_up(url: str, watched: Watchdog) -> Iterator[None]:
    """Say that the watchdog shut the connection down where reading failed by that."""
    try:
        yield
    except (NetworkError, ConnectionAbortedError) as error:
        if watched.bites == "ended":
            raise ending.RunEndedError from error
        if watched.bites:
            raise TooSlowError(
                f"{redacted(url)} sends too slowly: {watched.received} bytes in"
                f" {watched.seconds:.0f} s{on_the_way(url, url)}",
                hint="try again later, or ask another channel or mirror",
            ) from error
        raise


def _bad_redirect(url: str, location: str) -> NetworkError:
    return NetworkError(
        f"{redacted(url)} redirects to {redacted(location)!r}, which is not an https URL",
        hint="ask another channel or mirror",
    )


def _redirected(before: str, location: str, *, allow_http: bool) -> str | None:
    """Where a redirect leads, or None when it must not be followed."""
    try:
        target = urljoin(before, location)
        parts = urlsplit(target)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = before.startswith("http://") and parts.scheme == "http"
    if host and (parts.scheme == "https" or (plain and (allow_http or is_loopback(host)))):
        return target
    return None


def _read_all(response: Response, limit: int) -> bytes:
    if response.total is not None and response.total > limit:
        raise _too_long(response.url, limit)
    body = bytearray()
    for chunk in response.chunks:
        body += chunk
        if len(body) > limit:
            raise _too_long(response.url, limit)
    return bytes(body)


def _too_long(url: str, limit: int) -> NetworkError:
    return NetworkError(
        f"{redacted(url)} answers with more than {limit} bytes",
        hint="check that the URL is the right one",
    )
