"""Servers that never stop sending and never get anywhere: a byte now and then."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from samego.system import ending
from samego.upstream.cache.blobs import Cache
from samego.upstream.transport.download import download
from samego.upstream.transport.http import Http
from samego.upstream.transport.responses import TooSlowError
from support.web import Answer, Web, body, in_turn, redirect, serve

pytestmark = pytest.mark.timeout(60)
_EVERY = 0.02
_stop = threading.Event()


@pytest.fixture
def web() -> Iterator[Web]:
    _stop.clear()
    with serve() as server:
        yield server
        _stop.set()


@pytest.fixture
def http() -> Iterator[Http]:
    # No read ever waits as long as its timeout.
    with Http(connect_timeout=0.1, read_timeout=0.15, backoff=0.001, rate=1 << 20) as client:
        yield client


def drip(head: bytes, each: bytes = b"x") -> Answer:
    """Send the head at once, and then a little for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(head)
            while not _stop.wait(_EVERY):
                handler.wfile.write(each)
                handler.wfile.flush()

    return answer


DRIPS = {
    "in a body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
    "in a body without a length": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
    "in chunks": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "in the status": drip(b"HTTP/1.1 200 "),
    "in a header": drip(b"HTTP/1.1 200 OK\r\nX: "),
    "in headers": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "in a chunk's length": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "behind a redirect": in_turn(redirect("/drip"), drip(b"HTTP/1.1 200 OK\r\n\r\n")),
}


@pytest.mark.parametrize("how", DRIPS)
def test_a_server_that_drips_is_given_up(web: Web, http: Http, how: str) -> None:
    web.routes["/drip"] = DRIPS[how]
    began = time.monotonic()
    with pytest.raises(TooSlowError, match=r"sends too slowly: \d+ bytes in \d s"):
        http.get_bytes(f"{web.url}/drip", limit=1 << 20)
    assert time.monotonic() - began < 10
    assert len(web.asked) == (2 if how == "behind a redirect" else 1)


def test_a_download_that_drips_is_not_taken_up_again(web: Web, http: Http, tmp_path: Path) -> None:
    web.routes["/drip"] = DRIPS["in a body"]
    with Cache(tmp_path) as cache, pytest.raises(TooSlowError):
        download(http, f"{web.url}/drip", cache, expected_sha256="0" * 64, limit=1 << 20)
    assert len(web.asked) == 1


def test_a_proxy_that_drips(http: Http, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.fallback = DRIPS["in a body"]
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(TooSlowError):
        http.get_bytes("http://go.example.org/dl", limit=1 << 20, allow_http=True)


def test_an_answer_that_comes_steadily_may_take_longer_than_the_timeouts(web: Web) -> None:
    def steady(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(20 << 14))
        handler.end_headers()
        for _ in range(20):
            time.sleep(0.02)
            handler.wfile.write(bytes(1 << 14))

    web.routes["/steady"] = steady
    with Http(connect_timeout=0.1, read_timeout=0.15, rate=1 << 18) as http:
        assert len(http.get_bytes(f"{web.url}/steady", limit=20 << 14)) == 20 << 14


def test_the_connection_is_of_use_afterwards(web: Web, http: Http) -> None:
    web.routes["/drip"] = DRIPS["in a body"]
    web.routes["/good"] = body(b"good")
    with pytest.raises(TooSlowError):
        http.get_bytes(f"{web.url}/drip", limit=1 << 20)
    for _ in range(2):
        assert http.get_bytes(f"{web.url}/good", limit=4) == b"good"


def test_a_run_that_ends_waits_for_no_server(web: Web) -> None:
    web.routes["/drip"] = DRIPS["in a header"]
    stop = threading.Event()
    ended: list[float] = []

    def ask() -> None:
        with ending.until(stop), Http() as http, contextlib.suppress(ending.RunEndedError):
            http.get_bytes(f"{web.url}/drip", limit=1)
        ended.append(time.monotonic())

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.2)
    stop.set()
    began = time.monotonic()
    thread.join(20)
    assert ended
    assert ended[0] - began < 5
