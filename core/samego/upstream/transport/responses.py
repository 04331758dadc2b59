"""What a server's answer, or the lack of one, means: a body to read or an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies, select_proxy

from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.secrets import public_text
from samego.upstream.transport.urls import (
    bad_url,
    clean_sentence,
    redacted,
)

#: Bytes of a body that are read at once.
CHUNK = 64 * 1024
OK, PARTIAL, RANGE_NOT_SATISFIABLE, _TOO_MANY = 200, 206, 416, 429
_SERVER_ERRORS = range(500, 600)
_ABSENT = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 403})
_REFUSAL_BODY = 4096
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class ForbiddenError(NotPostedError):
    """A server refuses to give a file (401, 403), which does not mean that it lacks it.

    GOPROXY's comma rule goes on to the next proxy after 404 and 410 alone.
    """


class BrokenOffError(NetworkError):
    """A connection broke off: the same request may succeed when it is repeated."""


class TooSlowError(NetworkError):
    """A server sent so slowly that the request was ended; resuming would not be faster."""


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


def read_answer(answer: requests.Response, start: int, asked: str) -> Response:
    """The body of an answer to a request for ``asked`` from the offset ``start`` on.

    Raises by the status: ForbiddenError, NotPostedError, BrokenOffError (429 and 5xx) or
    NetworkError; the last also for headers that contradict the request or each other.
    """
    status = answer.status_code
    if status == OK:
        length = _content_length(answer)
        return Response(redacted(answer.url), OK, 0, length, _chunks(answer, length))
    if status == PARTIAL and start:
        return _partial(answer, start)
    what = f"{redacted(answer.url)} answers {status}{on_the_way(answer.url, asked)}"
    sentence = _sentence(answer, asked)
    if sentence:
        what = f"{what}: {sentence}"
    if status in _FORBIDDEN:
        raise ForbiddenError(what, hint="ask another channel or mirror")
    if status in _ABSENT:
        raise NotPostedError(what, hint="check the name, or ask another channel")
    if status == _TOO_MANY or status in _SERVER_ERRORS:
        raise BrokenOffError(what, hint="try again later, or ask another channel")
    raise NetworkError(what, hint="check that the URL is the right one")


def _sentence(answer: requests.Response, asked: str) -> str:
    """The server's own words: one line, unless it sends a page or nothing readable."""
    if "html" in answer.headers.get("Content-Type", "").lower():
        return ""
    try:
        body = answer.raw.read(_REFUSAL_BODY, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError):
        return ""
    return clean_sentence(public_text(body.decode("utf-8", "replace"), asked, answer.url))


def _partial(answer: requests.Response, start: int) -> Response:
    length = _content_length(answer)
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
    return Response(redacted(answer.url), PARTIAL, start, total, _chunks(answer, expected))


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
    """The body as sent; raises when it is not of ``expected`` bytes."""
    received = 0
    try:
        for chunk in answer.raw.stream(CHUNK, decode_content=False):
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


def _broken_off(url: str, received: int) -> BrokenOffError:
    return BrokenOffError(
        f"{redacted(url)} broke off after {received} bytes", hint="try again later"
    )


def connection_error(
    url: str, error: Exception, timeouts: tuple[float, float], asked: str = ""
) -> NetworkError | InputError:
    """The error for a missing answer; ``timeouts`` are for connecting and reading, in seconds.

    ``asked`` is the URL that the user's settings name, where that one led to ``url``.
    """
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return bad_url(url)
    host = clean_sentence(urlsplit(redacted(url)).netloc or redacted(url))
    way = on_the_way(url, asked)
    if isinstance(error, requests.exceptions.SSLError):
        return NetworkError(
            f"{host} has no valid TLS connection{way} ({public_text(_reason(error), url)})",
            hint="check the clock and the certificates that this machine trusts",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NetworkError(
            f"{host} did not accept a connection within {timeouts[0]:g} s{way}",
            hint="check the network, or ask another channel",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return NetworkError(
            f"{host} sent nothing for {timeouts[1]:g} s{way}", hint="try again later"
        )
    kind = BrokenOffError if _is_reset(error) else NetworkError
    return kind(
        f"{host} cannot be reached{way} ({public_text(_reason(error), url)})",
        hint="check the network, or ask another channel",
    )


def on_the_way(url: str, asked: str) -> str:
    """Who else had a part in an answer: the server that led there, and the proxy."""
    way = (
        f", where {redacted(asked)} leads to" if asked and redacted(asked) != redacted(url) else ""
    )
    proxy = select_proxy(url, get_environ_proxies(url))
    return f"{way}, asked through the proxy {redacted(proxy)}" if proxy else way


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
    """An exception and what lies below it, outermost first.

    A library that raises the same exception again can close the chain to a circle.
    """
    chain = [error]
    while (below := chain[-1].__cause__ or chain[-1].__context__) and not any(
        below is known for known in chain
    ):
        chain.append(below)
    return chain
