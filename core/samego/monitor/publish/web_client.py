"""A WebDAV server's few methods that publishing needs (RFC 9110, RFC 4918).

No redirect is followed: credentials go to no host but the one that was named, and a PUT
that was sent elsewhere would be none.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from urllib.parse import quote

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from samego.errors import ConfigError, InputError, NetworkError, SamegoError
from samego.monitor.publish import releases
from samego.monitor.publish.credentials import Credentials
from samego.monitor.publish.retrying import LostError, Patience, retrying
from samego.system import watchdog
from samego.system.progress import Progress
from samego.system.watchdog import RATE, Watchdog
from samego.upstream.transport.http import trusted_certificates
from samego.upstream.transport.urls import clean_sentence, redacted

#: The longest answer that is read, in bytes.
LIMIT = 64 << 20
_CONNECT_TIMEOUT = 15.0
_OK, _CREATED, _NO_CONTENT, _MULTI_STATUS = 200, 201, 204, 207
_DONE = frozenset({_OK, _CREATED, _NO_CONTENT})
_ABSENT = frozenset({404, 410})
_CONFLICT, _INTERNAL, _FULL = 409, 500, 507
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
#: What other statuses mean: the kind of error, what happened, what to do about it.
_MEANINGS: Mapping[int, tuple[type[SamegoError], str, str]] = {
    401: (ConfigError, "wants other credentials", "correct SAMEGO_PUBLISH_..., or the file"),
    403: (ConfigError, "does not let this user publish", "correct its rules, or the user"),
    405: (InputError, "does not take {method}", "turn on its WebDAV methods PUT and DELETE"),
    413: (InputError, "takes no file as large as this one", "raise its limit for a body"),
    501: (InputError, "does not know {method}", "turn on its WebDAV methods PUT and DELETE"),
}


class _Auth(AuthBase):
    """These credentials or none: requests would take a user's from ~/.netrc."""

    def __init__(self, credentials: Credentials) -> None:
        self._header = credentials.header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header:
            request.headers["Authorization"] = self._header
        return request


class Client(AbstractContextManager["Client"]):
    """The server at ``url``, which ends with a slash; paths are below it, unescaped.

    All methods repeat what a lost connection, 429 or 5xx ended, as ``patience`` says. They
    raise NetworkError when the server cannot be reached, ConfigError when it refuses the
    credentials or its certificate is not trusted, DiskFullError when it has no room, and
    InputError for what it does not do.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        progress: Progress,
        *,
        timeout: float,
        patience: Patience,
    ) -> None:
        self.url = url
        self._progress = progress
        self.patience = patience
        self._timeouts = (_CONNECT_TIMEOUT, timeout)
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, watchdog.adapter())
        self._session.auth = _Auth(credentials)
        self._session.verify = trusted_certificates()
        self._session.headers["User-Agent"] = f"samego/{importlib.metadata.version('samego')}"
        self._collections: set[str] = set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def get(self, path: str) -> bytes | None:
        """A file's bytes, or None where there is none. No cache on the way may answer."""
        status, body = self._ask("GET", path, {"Cache-Control": "no-cache"})
        if status in _ABSENT:
            return None
        if status != _OK:
            raise self._refused("GET", path, status)
        return body

    def absent(self, path: str) -> bool:
        """Whether there is no such file, or (with a slash at its end) collection."""
        status, _ = self._ask("HEAD", path)
        return status in _ABSENT

    def put(self, path: str, data: bytes) -> None:
        """Put a file, making the collections above it where the server does not."""
        status, _ = self._ask("PUT", path, data=data)
        if status in {_CONFLICT, *_ABSENT}:
            self._make_collections(path)
            status, _ = self._ask("PUT", path, data=data)
        if status not in _DONE:
            raise self._refused("PUT", path, status)

    def copy_once(self, path: str, goal: str) -> bool:
        """Copy a collection with all that is in it; whether the server did all of that.

        Raises LostError, without trying again: the server may still be at it.
        """
        headers = {"Destination": self._address(goal), "Depth": "infinity", "Overwrite": "T"}
        status, _ = self._ask_once("COPY", path, headers, None)
        return status in _DONE

    def delete(self, path: str) -> bool:
        """Delete a file or (with a slash at its end) a collection; whether it is gone."""
        headers = {"Depth": "infinity"} if path.endswith("/") else {}
        status, _ = self._ask("DELETE", path, headers)
        return status in _DONE or status in _ABSENT

    def _make_collections(self, path: str) -> None:
        """MKCOL all that is above a path. What exists answers 405 (RFC 4918, 9.3.1)."""
        parts = path.split("/")[:-1]
        for end in range(1, len(parts) + 1):
            collection = "/".join(parts[:end]) + "/"
            if collection not in self._collections:
                self._ask("MKCOL", collection)
                self._collections.add(collection)

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> tuple[int, bytes]:
        """A status that is not a passing failure, and the body."""
        return retrying(
            lambda: self._ask_once(method, path, headers or {}, data),
            self.patience,
            self._progress,
        )

    def _ask_once(
        self, method: str, path: str, headers: Mapping[str, str], data: bytes | None
    ) -> tuple[int, bytes]:
        try:
            sending = len(data or b"") / RATE
            with (
                Watchdog(sum(self._timeouts) + sending) as watched,
                self._session.request(
                    method,
                    self._address(path),
                    headers=dict(headers),
                    data=data,
                    timeout=self._timeouts,
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                body = self._body(watched.counted(answer.iter_content(1 << 16)))
        except requests.exceptions.SSLError as error:
            raise self._untrusted(error) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise LostError(
                f"the connection to {redacted(self.url)} was lost ({_reason(error)})",
                hint="publish again, which goes on where this ended",
            ) from error
        if answer.status_code in _PASSING:
            raise self._busy(method, path, answer.status_code)
        if answer.is_redirect or answer.is_permanent_redirect:
            raise InputError(
                f"{redacted(self._address(path))} redirects to"
                f" {redacted(answer.headers['Location'])}",
                hint="name the address where it leads: credentials are not sent on",
            )
        return answer.status_code, body

    def _body(self, chunks: Iterator[bytes]) -> bytes:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > LIMIT:
                raise NetworkError(
                    f"{redacted(self.url)} answers with more than {LIMIT >> 20} MiB",
                    hint="check that the URL is the right one",
                )
        return bytes(body)

    def _address(self, path: str) -> str:
        return f"{self.url}{quote(path)}"

    def _busy(self, method: str, path: str, status: int) -> LostError:
        where = redacted(self._address(path))
        if method == "PUT" and status == _INTERNAL:
            # nginx answers so whenever it cannot write.
            return LostError(
                f"the server of {where} could not store it ({status})",
                hint="its disk is full, or it may not write there, as its log says; publish again"
                " when it can, which goes on where this ended",
            )
        return LostError(
            f"{where} answers {method} with {status}",
            hint="look at its server, and publish again, which goes on where this ended",
        )

    def _untrusted(self, error: Exception) -> SamegoError:
        return ConfigError(
            f"the certificate of {redacted(self.url)} cannot be verified ({_reason(error)})",
            hint="have this system trust who issued it; REQUESTS_CA_BUNDLE may name it",
        )

    def _refused(self, method: str, path: str, status: int) -> SamegoError:
        if status == _FULL:
            return releases.full(redacted(self.url))
        where = redacted(self._address(path))
        if status in _MEANINGS:
            kind, what, hint = _MEANINGS[status]
            return kind(f"{where} {what.format(method=method)} ({status})", hint=hint)
        return NetworkError(
            f"{where} answers {method} with {status}",
            hint="check that it is a WebDAV server, and read its log",
        )


def _reason(error: BaseException) -> str:
    """The innermost cause in its own words: requests and urllib3 wrap what happened."""
    chain = [error]
    while (below := chain[-1].__cause__ or chain[-1].__context__) and below not in chain:
        chain.append(below)
    words = chain[-1].strerror if isinstance(chain[-1], OSError) else None
    return clean_sentence(words or str(chain[-1])) or type(chain[-1]).__name__
