from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from samego.errors import (
    ConfigError,
    InputError,
    NetworkError,
    NotPostedError,
    SamegoError,
)
from samego.upstream.transport.http import (
    ForbiddenError,
    Http,
    _redirected,
    redacted,
    trusted_certificates,
)
from samego.upstream.transport.responses import connection_error
from samego.upstream.transport.urls import clean_sentence, is_loopback
from support.web import Web, body, in_turn, ranged, raw, redirect, serve

DATA = bytes(range(256)) * 40


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(backoff=0.001, read_timeout=5) as client:
        yield client


def test_a_body_is_fetched_with_samegos_name(web: Web, http: Http) -> None:
    web.routes["/a"] = body(DATA)
    assert http.get_bytes(f"{web.url}/a", limit=len(DATA)) == DATA
    assert web.headers[0]["User-Agent"].startswith("samego/")
    assert web.headers[0]["Accept-Encoding"] == "identity"


def test_a_chunked_body_is_fetched(web: Web, http: Http) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    web.routes["/a"] = raw(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert http.get_bytes(f"{web.url}/a", limit=5) == b"abcde"


def test_a_body_is_bounded(web: Web, http: Http) -> None:
    web.routes["/a"] = body(DATA)
    web.routes["/b"] = raw(b"HTTP/1.1 200 OK\r\n\r\n" + DATA)
    for path in ("a", "b"):
        with pytest.raises(NetworkError, match="more than 100 bytes"):
            http.get_bytes(f"{web.url}/{path}", limit=100)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ForbiddenError),
        (403, ForbiddenError),
        (404, NotPostedError),
        (410, NotPostedError),
        (204, NetworkError),
        (206, NetworkError),
        (304, NetworkError),
        (400, NetworkError),
        (416, NetworkError),
        (451, NetworkError),
    ],
)
def test_each_refusal_is_its_own_error_and_asked_once(
    status: int, kind: type[SamegoError], web: Web, http: Http
) -> None:
    without_body = status in {204, 304}
    web.routes["/a"] = body(b"" if without_body else b"the\x1b[31m reason\nmore", status=status)
    with pytest.raises(kind) as caught:
        http.get_bytes(f"{web.url}/a", limit=100)
    assert type(caught.value) is kind
    said = "" if without_body else ": the[31m reason"
    assert caught.value.message == f"{web.url}/a answers {status}{said}"
    assert caught.value.hint
    assert web.asked == ["/a"]


def test_a_servers_sentence_is_short_and_no_page(web: Web, http: Http) -> None:
    web.routes["/long"] = body(b"x" * 100_000, status=404)
    web.routes["/page"] = body(b"<html>\n", status=404, kind="text/html; charset=utf-8")
    web.routes["/binary"] = body(b"\xff\0\x07", status=404)
    with pytest.raises(NotPostedError, match=r": x{197}\.\.\.: check"):
        http.get_bytes(f"{web.url}/long", limit=1)
    with pytest.raises(NotPostedError, match="answers 404: check"):
        http.get_bytes(f"{web.url}/page", limit=1)
    with pytest.raises(NotPostedError, match="answers 404: \N{REPLACEMENT CHARACTER}: check"):
        http.get_bytes(f"{web.url}/binary", limit=1)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_failing_server_is_asked_three_times(status: int, web: Web, http: Http) -> None:
    web.routes["/a"] = body(b"busy\n", status=status)
    with pytest.raises(NetworkError, match=f"answers {status}: busy"):
        http.get_bytes(f"{web.url}/a", limit=1)
    assert web.asked == ["/a"] * 3
    web.routes["/b"] = in_turn(body(b"", status=status), body(b"", status=status), body(b"good"))
    assert http.get_bytes(f"{web.url}/b", limit=4) == b"good"


TRUNCATED = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
HUNG_UP = raw(b"")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(TRUNCATED, id="shorter than announced"),
        pytest.param(HUNG_UP, id="no answer"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), id="half a chunk"
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), id="no chunk"
        ),
    ],
)
def test_a_broken_body_is_tried_again_and_then_an_error(
    answer: object, web: Web, http: Http
) -> None:
    assert callable(answer)
    web.routes["/a"] = answer
    with pytest.raises(NetworkError):
        http.get_bytes(f"{web.url}/a", limit=1000)
    assert web.asked == ["/a"] * 3
    web.routes["/b"] = in_turn(answer, body(b"good"))
    assert http.get_bytes(f"{web.url}/b", limit=1000) == b"good"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", id="negative length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", id="huge header"),
    ],
)
def test_nonsense_is_a_network_error(answer: bytes, web: Web, http: Http) -> None:
    web.routes["/a"] = raw(answer)
    with pytest.raises(NetworkError):
        http.get_bytes(f"{web.url}/a", limit=1000)


def test_a_slow_server_is_an_error(web: Web) -> None:
    waiting = threading.Event()

    def silent(_: BaseHTTPRequestHandler) -> None:
        waiting.wait(5)

    def stalls(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        waiting.wait(5)

    web.routes["/silent"], web.routes["/stalls"] = silent, stalls
    with Http(read_timeout=0.05) as http:
        with pytest.raises(NetworkError, match=r"sent nothing for 0\.05 s"):
            http.get_bytes(f"{web.url}/silent", limit=9)
        with pytest.raises(NetworkError, match="stopped sending"):
            http.get_bytes(f"{web.url}/stalls", limit=9)
    waiting.set()
    assert web.asked == ["/silent", "/stalls"]


def test_redirects_are_followed_for_a_while(web: Web, http: Http) -> None:
    web.routes["/a"] = redirect("/b")
    web.routes["/b"] = redirect(f"{web.url}/c")
    web.routes["/c"] = body(b"here")
    assert http.get_bytes(f"{web.url}/a", limit=4) == b"here"
    web.routes["/loop"] = redirect("/loop")
    with pytest.raises(NetworkError, match="redirects more than 10 times"):
        http.get_bytes(f"{web.url}/loop", limit=4)
    assert web.asked.count("/loop") == 11


@pytest.mark.parametrize(
    "location",
    [
        "http://example.invalid/",
        "file:///etc/hostname",
        "ftp://x/",
        "https://",
        "http://[",
        "https://x:y/",
        "https://*/",
    ],
)
def test_redirects_to_elsewhere_are_refused(location: str, web: Web, http: Http) -> None:
    web.routes["/a"] = redirect(location)
    with pytest.raises(NetworkError, match="which is not an https URL"):
        http.get_bytes(f"{web.url}/a", limit=4)


def test_a_redirects_body_is_not_read(web: Web, http: Http) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 1000000000000\r\n\r\n"
    web.routes["/a"] = raw(head)
    web.routes["/b"] = body(b"here")
    assert http.get_bytes(f"{web.url}/a", limit=4) == b"here"


def test_https_never_redirects_to_http(web: Web) -> None:
    assert _redirected("https://a.test/x", f"{web.url}/y", allow_http=True) is None
    assert _redirected("https://a.test/x", "//b.test/y", allow_http=False) == "https://b.test/y"
    assert _redirected("http://a.test/x", "http://b.test/", allow_http=True) == "http://b.test/"
    assert _redirected("http://a.test/x", "https://b.test/", allow_http=False) == "https://b.test/"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://example.invalid/", ConfigError),
        ("ftp://example.invalid/", InputError),
        ("example.invalid/path", InputError),
        ("https://", InputError),
        ("https://[", InputError),
        ("https://host:port/", InputError),
        ("https://*/", InputError),
        ("https://a%zz/", InputError),
        ("https://\ud800/", InputError),
        ("https://a b/", InputError),
        ("https://\u20ac:x@127.0.0.1:1/", InputError),
        ("", InputError),
        ("file://host/etc/hostname", InputError),
        ("file:relative", InputError),
    ],
)
def test_what_may_not_be_fetched(url: str, kind: type[SamegoError], http: Http) -> None:
    with pytest.raises(kind) as caught:
        http.get_bytes(url, limit=1)
    assert type(caught.value) is kind


def test_http_elsewhere_is_allowed_by_the_call_alone() -> None:
    with Http(offline=True) as http:
        with pytest.raises(NetworkError, match="offline"):
            http.get_bytes("http://example.invalid/", limit=1, allow_http=True)
        with pytest.raises(ConfigError, match="not encrypted"):
            http.get_bytes("http://example.invalid/", limit=1)


def test_a_closed_port_is_an_error_at_once(http: Http) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        before = time.monotonic()
        with pytest.raises(
            NetworkError, match=r"127\.0\.0\.1:\d+ cannot be reached \(Connection refused"
        ):
            http.get_bytes(f"http://127.0.0.1:{port}/", limit=1)
    # Not repeated: the fixture's pauses would not show, three attempts of 5 s would.
    assert time.monotonic() - before < 5


def test_a_host_that_accepts_no_connection_is_an_error() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for taken in (first, second):  # the queue of a listener that accepts nobody
            taken.setblocking(False)
            taken.connect_ex(full.getsockname())
        with (
            Http(connect_timeout=0.05, retries=0) as http,
            pytest.raises(NetworkError, match=r"did not accept a connection within 0\.05 s"),
        ):
            http.get_bytes(f"http://127.0.0.1:{full.getsockname()[1]}/", limit=1)


def test_a_server_without_tls_is_an_error(web: Web, http: Http) -> None:
    with pytest.raises(NetworkError, match="has no valid TLS connection"):
        http.get_bytes(web.url.replace("http:", "https:"), limit=1)


def test_offline_asks_nobody(web: Web) -> None:
    with (
        Http(offline=True) as http,
        pytest.raises(NetworkError, match="samego is offline") as caught,
    ):
        http.get_bytes(f"{web.url}/a", limit=1)
    assert "--offline" in caught.value.hint
    assert web.asked == []


def test_a_download_resumes_where_the_server_can(web: Web, http: Http) -> None:
    web.routes["/a"] = ranged(DATA)
    with http.stream(f"{web.url}/a", start=100) as response:
        assert (response.status, response.start, response.total) == (206, 100, len(DATA))
        assert response.resumed
        assert b"".join(response.chunks) == DATA[100:]
    with http.stream(f"{web.url}/a") as response:
        assert (response.status, response.resumed, response.total) == (200, False, len(DATA))
        assert b"".join(response.chunks) == DATA
    assert web.headers[0]["Range"] == "bytes=100-"
    assert "Range" not in web.headers[1]


def test_a_server_without_ranges_gives_the_whole(web: Web, http: Http) -> None:
    web.routes["/a"] = body(DATA)
    with http.stream(f"{web.url}/a", start=100) as response:
        assert (response.status, response.start, response.resumed) == (200, 0, False)
        assert b"".join(response.chunks) == DATA


def test_a_start_beyond_the_end_gives_the_whole(web: Web, http: Http) -> None:
    web.routes["/a"] = ranged(DATA)
    with http.stream(f"{web.url}/a", start=len(DATA)) as response:
        assert (response.status, response.start) == (200, 0)
        assert b"".join(response.chunks) == DATA


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param("", id="none"),
        pytest.param("Content-Range: bytes 5-9/10\r\nContent-Length: 5", id="another start"),
        pytest.param("Content-Range: bytes 4-3/10\r\nContent-Length: 0", id="backwards"),
        pytest.param("Content-Range: bytes 4-9/12\r\nContent-Length: 6", id="not to the end"),
        pytest.param("Content-Range: bytes 4-9/10\r\nContent-Length: 5", id="another length"),
        pytest.param("Content-Range: lines 4-9/10\r\nContent-Length: 6", id="another unit"),
    ],
)
def test_a_lying_range_is_an_error(headers: str, web: Web, http: Http) -> None:
    web.routes["/a"] = raw(f"HTTP/1.1 206 OK\r\n{headers}\r\n\r\n456789".encode())
    with (
        pytest.raises(NetworkError, match="answers a range that"),
        http.stream(f"{web.url}/a", start=4) as response,
    ):
        list(response.chunks)


def test_a_range_of_unknown_total_is_read(web: Web, http: Http) -> None:
    web.routes["/a"] = raw(b"HTTP/1.1 206 OK\r\nContent-Range: bytes 4-9/*\r\n\r\n456789")
    with http.stream(f"{web.url}/a", start=4) as response:
        assert response.total is None
        assert b"".join(response.chunks) == b"456789"


def test_a_range_that_breaks_off_is_an_error(web: Web, http: Http) -> None:
    web.routes["/a"] = raw(b"HTTP/1.1 206 OK\r\nContent-Range: bytes 4-9/10\r\n\r\n4567")
    with (
        pytest.raises(NetworkError, match="broke off after 4 bytes"),
        http.stream(f"{web.url}/a", start=4) as response,
    ):
        list(response.chunks)


def test_a_stream_that_breaks_off_gives_what_came(web: Web, http: Http) -> None:
    web.routes["/a"] = TRUNCATED
    got = bytearray()

    def read() -> None:
        with http.stream(f"{web.url}/a") as response:
            for chunk in response.chunks:
                got.extend(chunk)

    with pytest.raises(NetworkError, match="broke off"):
        read()
    assert web.asked == ["/a"]


def test_the_callers_own_errors_pass_through(web: Web, http: Http, tmp_path: Path) -> None:
    web.routes["/a"] = body(DATA)
    (tmp_path / "f").write_bytes(DATA)
    for url in (f"{web.url}/a", (tmp_path / "f").as_uri()):
        with pytest.raises(OSError, match="no room"), http.stream(url):
            raise OSError(28, "no room")


def test_a_file_is_read_like_an_answer(http: Http, tmp_path: Path) -> None:
    path = tmp_path / "a file"
    path.write_bytes(DATA)
    assert http.get_bytes(path.as_uri(), limit=len(DATA)) == DATA
    with http.stream(path.as_uri(), start=7) as response:
        assert (response.start, response.total) == (7, len(DATA))
        assert b"".join(response.chunks) == DATA[7:]
    with http.stream(path.as_uri(), start=len(DATA)) as response:
        assert b"".join(response.chunks) == DATA
    with pytest.raises(NetworkError, match="more than 5 bytes"):
        http.get_bytes(path.as_uri(), limit=5)
    for missing in (tmp_path, tmp_path / "none", path / "below"):
        with pytest.raises(NotPostedError, match="there is no file"):
            http.get_bytes(missing.as_uri(), limit=5)
    with pytest.raises(NotPostedError):
        http.get_bytes("file:///a%00b", limit=5)


def test_a_file_that_cannot_be_read_is_an_error(http: Http, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(NotPostedError):
        http.get_bytes(loop.as_uri(), limit=5)
    # A file whose reading fails for every user: this process's unmapped address 0.
    with pytest.raises(InputError, match="cannot be read"):
        http.get_bytes("file:///proc/self/mem", limit=5)
    with pytest.raises(InputError, match="File name too long"):
        http.get_bytes(f"file:///{'x' * 300}", limit=5)


def test_a_refusal_whose_words_break_off_is_still_a_refusal(web: Web, http: Http) -> None:
    web.routes["/a"] = raw(b"HTTP/1.1 404 Gone\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    with pytest.raises(NotPostedError, match="answers 404: check"):
        http.get_bytes(f"{web.url}/a", limit=1)


def test_a_url_is_told_without_its_password() -> None:
    assert redacted("https://me:secret@host:1/p?q#f") == "https://host:1/p"
    assert redacted("https://token@host/p") == "https://host/p"
    assert redacted("https://[") == "https://(not shown)"


def test_errors_do_not_tell_a_password(web: Web, http: Http) -> None:
    with pytest.raises(NotPostedError) as caught:
        http.get_bytes(web.url.replace("//", "//me:secret@"), limit=1)
    assert "secret" not in str(caught.value)


def test_sentences_are_made_safe() -> None:
    assert clean_sentence("\n \n one\x00\x1b \N{RIGHT-TO-LEFT OVERRIDE}two \nthree") == "one two"
    assert clean_sentence("") == ""


def test_the_loopback_is_known_by_its_spelling() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1"))
    assert not any(is_loopback(host) for host in ("", "localhost.example", "10.0.0.1", "127.1"))


def test_causes_that_form_a_circle_are_told_once() -> None:
    first, second = OSError("first"), OSError("second")
    first.__context__, second.__context__ = second, first
    error = connection_error("https://go.dev/dl", first, (1.0, 1.0))
    assert isinstance(error, NetworkError)
    assert "go.dev cannot be reached (second)" in str(error)


def test_the_systems_certificates_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert trusted_certificates() == str(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert trusted_certificates() == str(tmp_path)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert trusted_certificates() is True
