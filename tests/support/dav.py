"""A WebDAV server in memory, behind a requests session: every request can be interrupted."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from samego.monitor.publish.credentials import Credentials
from samego.monitor.publish.destination import Web
from samego.monitor.publish.retrying import Patience
from samego.monitor.publish.web import Publisher
from samego.monitor.publish.web_client import Client
from samego.system.progress import Progress, Silent

URL = "https://pages.example.org/go/"
_PREFIX = "/go/"


@dataclass
class Dav(BaseAdapter):
    """``files`` by path below the URL; ``asked`` are the methods and paths.

    ``before`` is called with each request's number and may raise. ``faults`` answer instead of
    the server: a status or an exception for a method and the end of a path, each once.
    ``methods`` are those that it knows; ``makes`` whether a PUT makes collections.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    requests: list[PreparedRequest] = field(default_factory=list)
    before: Callable[[int], None] = lambda _number: None
    faults: list[tuple[str, str, int | Exception]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    methods: frozenset[str] = frozenset({"GET", "HEAD", "PUT", "DELETE", "COPY", "MKCOL"})
    makes: bool = True
    collections: set[str] = field(default_factory=lambda: {""})

    def send(self, request: PreparedRequest, **_options: object) -> Response:  # type: ignore[override]  # the options are about the network
        """Answer a request."""
        path = unquote(urlsplit(str(request.url)).path).removeprefix(_PREFIX)
        method = str(request.method)
        self.before(len(self.asked))
        self.asked.append((method, path))
        self.requests.append(request)
        for fault in self.faults:
            if fault[0] == method and path.endswith(fault[1]):
                self.faults.remove(fault)
                if isinstance(fault[2], Exception):
                    raise fault[2]
                return self._answer(request, fault[2])
        if method not in self.methods:
            return self._answer(request, 405)
        return self._answer(request, *getattr(self, f"_{method.lower()}")(path, request))

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: PreparedRequest, status: int, body: bytes = b"") -> Response:
        answer = Response()
        answer.status_code, answer.raw = status, io.BytesIO(body)
        answer.url, answer.request = str(request.url), request
        answer.headers.update(self.headers)
        return answer

    def _get(self, path: str, _request: PreparedRequest) -> tuple[int, bytes]:
        return (200, self.files[path]) if path in self.files else (404, b"nothing")

    def _head(self, path: str, _request: PreparedRequest) -> tuple[int, bytes]:
        there = any(name == path or (name + "/").startswith(path) for name in self.files)
        return (200 if there else 404), b""

    def _put(self, path: str, request: PreparedRequest) -> tuple[int, bytes]:
        above = path.rpartition("/")[0]
        if not self.makes and above not in self.collections:
            return 409, b""
        self.files[path] = request.body if isinstance(request.body, bytes) else b""
        return 201, b""

    def _mkcol(self, path: str, _request: PreparedRequest) -> tuple[int, bytes]:
        name = path.rstrip("/")
        if name in self.collections:
            return 405, b""
        if name.rpartition("/")[0] not in self.collections:
            return 409, b""
        self.collections.add(name)
        return 201, b""

    def _delete(self, path: str, _request: PreparedRequest) -> tuple[int, bytes]:
        gone = [
            name for name in self.files if name == path or name.startswith(path.rstrip("/") + "/")
        ]
        for name in gone:
            del self.files[name]
        return (204 if gone else 404), b""

    def _copy(self, path: str, request: PreparedRequest) -> tuple[int, bytes]:
        assert request.headers["Depth"] == "infinity"
        goal = unquote(urlsplit(request.headers["Destination"]).path).removeprefix(_PREFIX)
        for name, data in list(self.files.items()):
            if name.startswith(path):
                self.files[goal + name.removeprefix(path)] = data
        return 201, b""


def publisher(
    dav: Dav, progress: Progress | None = None, credentials: Credentials | None = None
) -> Publisher:
    """Who publishes to such a server, without waiting between tries."""
    listener = progress or Silent()
    client = Client(
        URL, credentials or Credentials(), listener, timeout=60, patience=Patience(3, 0.0)
    )
    client._session.mount("https://", dav)
    return Publisher(Web(URL), client, listener)
