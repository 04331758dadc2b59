"""One small HTTP client for everything that samego fetches.

It gives bytes and streams, and errors of :mod:`samego.errors` only. What arrives is not
trusted here: whoever asked verifies it.
"""

from __future__ import annotations

import importlib.metadata
import ipaddress
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import requests
import urllib3.exceptions

from samego.errors import ConfigError, InputError, NetworkError, NotPostedError

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
#: Seconds before the first repeated request; each further one waits twice as long.
BACKOFF = 0.5
RETRIES = 2
#: As many redirects as net/http follows.
MAX_REDIRECTS = 10
MAX_SENTENCE = 200
_CHUNK = 256 * 1024
_REFUSAL_BODY = 4096

_OK, _PARTIAL, _RANGE_NOT_SATISFIABLE, _TOO_MANY = 200, 206, 416, 429
_SERVER_ERRORS = range(500, 600)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ABSENT = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 403})
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class ForbiddenError(NotPostedError):
    """A server refuses to give a file (401, 403), which does not say that it lacks it.

    GOPROXY's comma rule goes on to the next proxy after 404 and 410 alone.
    """


class _BrokenOffError(NetworkError):
    """A connection broke off: the same request may succeed when it is repeated."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body is still to be read, once, through ``chunks``.

    ``total`` is the length of the whole file in bytes, or None when the server does not
    say. ``start`` is the offset in the file of the first chunk: what was asked for when
    the range was honoured (``resumed``), else 0. Reading ``chunks`` raises NetworkError
    when the body is not as long as was announced.
    """

    url: str
    status: int
    start: int
    total: int | None
    chunks: Iterator[bytes]

    @property
    def resumed(self) -> bool:
        """Whether the server honoured a range."""
        return self.start > 0


class Http:
    """An HTTP client with timeouts (seconds), bounded bodies and few retries.

    URLs are https, except that a loopback host may speak http, and any host may where
    the call says ``allow_http`` because the user wrote that URL. A ``file`` URL is read
    from the disk; nothing redirects to one. The usual environment variables (https_proxy,
    no_proxy, REQUESTS_CA_BUNDLE) hold as they do in requests.

    All methods raise NetworkError when a server cannot be reached, answers too slowly,
    fails (429 and 5xx, after ``retries`` repetitions) or breaks off; NotPostedError when
    it answers 401, 403 (both ForbiddenError), 404 or 410; ConfigError for a URL whose
    scheme is not allowed and InputError for one that is none.
    """

    def __init__(
        self,
        *,
        offline: bool = False,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
    ) -> None:
        self.offline = offline
        self._timeouts = (connect_timeout, read_timeout)
        self._retries = retries
        self._backoff = backoff
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"samego/{importlib.metadata.version('samego')}"
        # The bytes as posted: lengths and digests speak of these.
        self._session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Http:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get_bytes(self, url: str, *, limit: int, allow_http: bool = False) -> bytes:
        """Fetch a whole body of at most ``limit`` bytes.

        Raises NetworkError also for a longer body.
        """
        attempt = 0
        while True:
            try:
                with self.stream(url, allow_http=allow_http) as response:
                    return _read_all(response, limit)
            except _BrokenOffError:
                if attempt >= self._retries:
                    raise
            time.sleep(self._backoff * 2**attempt)
            attempt += 1

    def stream(
        self, url: str, *, start: int = 0, allow_http: bool = False
    ) -> AbstractContextManager[Response]:
        """Open a body for reading, from the offset ``start`` on if the server can.

        A server that ignores the range, or has no such offset, gives the whole file:
        see ``Response.start``.
        """
        parts = _split(url)
        if parts.scheme == "file":
            return _stream_file(parts, start)
        _check_scheme(parts, allow_http=allow_http)
        if self.offline:
            raise NetworkError(
                f"{redacted(url)} is not at hand and samego is offline",
                hint="run once without --offline, or name a mirror directory",
            )
        return self._stream_http(url, start, allow_http=allow_http)

    @contextmanager
    def _stream_http(self, url: str, start: int, *, allow_http: bool) -> Iterator[Response]:
        answer = self._open(url, start, allow_http=allow_http)
        try:
            if answer.status_code == _RANGE_NOT_SATISFIABLE and start:
                answer.close()
                answer = self._open(url, 0, allow_http=allow_http)
            yield _response(answer, start)
        finally:
            answer.close()

    def _open(self, url: str, start: int, *, allow_http: bool) -> requests.Response:
        """Ask, again where that may help, until an answer has a body worth reading."""
        attempt = 0
        while True:
            try:
                answer = self._follow(url, start, allow_http=allow_http)
                error = _refusal(answer, ranged=start > 0)
                if error is None:
                    return answer
                answer.close()
                if not isinstance(error, _BrokenOffError) or attempt >= self._retries:
                    raise error
            except _BrokenOffError:
                if attempt >= self._retries:
                    raise
            time.sleep(self._backoff * 2**attempt)
            attempt += 1

    def _follow(self, url: str, start: int, *, allow_http: bool) -> requests.Response:
        """Ask one URL and follow its redirects, never from https to anything else."""
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(target, start)
            location = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or location is None:
                return answer
            answer.close()
            before = _split(target)
            target = urljoin(target, location)
            after = _split(target)
            if after.scheme != "https" and (before.scheme, after.scheme) != ("http", "http"):
                raise NetworkError(
                    f"{redacted(url)} redirects to {redacted(target)}, which is not https",
                    hint="ask another channel or mirror",
                )
            _check_scheme(after, allow_http=allow_http)
        raise NetworkError(
            f"{redacted(url)} redirects more than {MAX_REDIRECTS} times",
            hint="ask another channel or mirror",
        )

    def _ask(self, url: str, start: int) -> requests.Response:
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            return self._session.get(
                url, headers=headers, stream=True, timeout=self._timeouts, allow_redirects=False
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _network_error(url, error, self._timeouts) from error
        except ValueError as error:  # UnicodeError: a host that IDNA cannot spell
            raise InputError(
                f"{redacted(url)} is not a URL", hint="correct the setting that named it"
            ) from error


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


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError as error:
        raise InputError(
            f"{clean_sentence(url)!r} is not a URL", hint="correct the setting that named it"
        ) from error
    return parts


def _check_scheme(parts: SplitResult, *, allow_http: bool) -> None:
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


def _refusal(answer: requests.Response, *, ranged: bool) -> Exception | None:
    """What the status says against reading the body, or None."""
    status = answer.status_code
    if status == _OK or (ranged and status in {_PARTIAL, _RANGE_NOT_SATISFIABLE}):
        return None
    what = f"{redacted(answer.url)} answers {status}"
    sentence = _sentence(answer)
    if sentence:
        what = f"{what}: {sentence}"
    if status in _FORBIDDEN:
        return ForbiddenError(what, hint="ask another channel or mirror")
    if status in _ABSENT:
        return NotPostedError(what, hint="check the name, or ask another channel")
    if status == _TOO_MANY or status in _SERVER_ERRORS:
        return _BrokenOffError(what, hint="try again later, or ask another channel")
    return NetworkError(what, hint="check that the URL is the right one")


def _sentence(answer: requests.Response) -> str:
    """The server's own words: one line, unless it sends a page or nothing readable."""
    if "html" in answer.headers.get("Content-Type", "").lower():
        return ""
    try:
        body = answer.raw.read(_REFUSAL_BODY, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError):
        return ""
    return clean_sentence(body.decode("utf-8", "replace"))


def _response(answer: requests.Response, start: int) -> Response:
    length = _content_length(answer)
    if answer.status_code == _OK:
        return Response(answer.url, _OK, 0, length, _chunks(answer, length))
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != start or int(match[2]) < start:
        raise NetworkError(
            f"{redacted(answer.url)} answers a range that was not asked for",
            hint="remove the partial download and try again",
        )
    expected = int(match[2]) - start + 1
    total = None if match[3] == "*" else int(match[3])
    if (length is not None and length != expected) or (
        total is not None and total != start + expected
    ):
        raise NetworkError(
            f"{redacted(answer.url)} answers a range that contradicts its length",
            hint="remove the partial download and try again",
        )
    return Response(answer.url, _PARTIAL, start, total, _chunks(answer, expected))


def _content_length(answer: requests.Response) -> int | None:
    text = answer.headers.get("Content-Length")
    if text is None:
        return None
    if not _LENGTH.fullmatch(text):
        raise NetworkError(
            f"{redacted(answer.url)} announces the length {clean_sentence(text)!r}",
            hint="ask another channel or mirror",
        )
    return int(text)


def _chunks(answer: requests.Response, expected: int | None) -> Iterator[bytes]:
    """The body as sent; raises when it ends before ``expected`` bytes or after them."""
    received = 0
    try:
        for chunk in answer.raw.stream(_CHUNK, decode_content=False):
            received += len(chunk)
            yield chunk
    except urllib3.exceptions.ReadTimeoutError as error:
        raise NetworkError(
            f"{redacted(answer.url)} stopped sending after {received} bytes",
            hint="try again, the download resumes",
        ) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise _broken_off(answer.url, received) from error
    if expected is not None and received != expected:
        # Some versions of urllib3 do not compare the length that was announced.
        raise _broken_off(answer.url, received)


def _broken_off(url: str, received: int) -> _BrokenOffError:
    return _BrokenOffError(
        f"{redacted(url)} broke off after {received} bytes", hint="try again later"
    )


def _network_error(
    url: str, error: Exception, timeouts: tuple[float, float]
) -> NetworkError | InputError:
    host = clean_sentence(_split(url).hostname or url)
    if isinstance(error, requests.exceptions.SSLError):
        return NetworkError(
            f"{host} cannot be talked to over TLS ({_reason(error)})",
            hint="check the clock and the certificates that this machine trusts",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NetworkError(
            f"{host} did not accept a connection within {timeouts[0]:g} s",
            hint="check the network, or ask another channel",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return NetworkError(f"{host} sent nothing for {timeouts[1]:g} s", hint="try again later")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return InputError(
            f"{redacted(url)!r} is not a URL", hint="correct the setting that named it"
        )
    kind = _BrokenOffError if _is_reset(error) else NetworkError
    return kind(
        f"{host} cannot be reached ({_reason(error)})",
        hint="check the network, or ask another channel",
    )


def _is_reset(error: Exception) -> bool:
    """Whether a connection was made and then closed by the other side."""
    return any(
        isinstance(item, ConnectionError) and not isinstance(item, ConnectionRefusedError)
        for item in _causes(error)
    )


def _reason(error: BaseException) -> str:
    """The operating system's or library's own words for the innermost cause."""
    deepest = _causes(error)[-1]
    words = deepest.strerror if isinstance(deepest, OSError) else None
    return clean_sentence(words or str(deepest)) or type(deepest).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and what lies below it, outermost first."""
    chain = [error]
    while len(chain) < MAX_REDIRECTS:
        below = chain[-1].__cause__ or chain[-1].__context__
        if below is None:
            break
        chain.append(below)
    return chain


@contextmanager
def _stream_file(parts: SplitResult, start: int) -> Iterator[Response]:
    url = urlunsplit(parts)
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise InputError(
            f"{clean_sentence(url)!r} does not name a file here", hint="write file:///PATH"
        )
    try:
        regular = path.is_file()
    except ValueError:  # a NUL in the name
        regular = False
    if not regular:
        raise NotPostedError(
            f"there is no file {clean_sentence(str(path))}", hint="check the directory's name"
        )
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        total = file.seek(0, 2)
        begin = start if start < total else 0
        file.seek(begin)
        yield Response(url, _PARTIAL if begin else _OK, begin, total, _file_chunks(path, file))


def _file_chunks(path: Path, file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{clean_sentence(str(path))} cannot be read ({error.strerror})",
        hint="check its permissions",
    )
