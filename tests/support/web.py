"""A real HTTP server on the loopback whose answers a test scripts."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class UntracedServer(ThreadingHTTPServer):
    """Answers each request in a thread that coverage does not follow.

    Python 3.11 refuses to trace two threads that start at once, and the request then has no answer.
    """

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base
        _thread.start_new_thread(self.process_request_thread, (request, client_address))


@dataclass
class Web:
    """The server's address, its answers by path, and what it was asked (paths, headers)."""

    url: str
    routes: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fallback: Answer | None = None


def body(data: bytes, *, status: int = 200, kind: str = "text/plain") -> Answer:
    """Answer with a body and its length."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def ranged(data: bytes) -> Answer:
    """Answer with a body, honouring ``Range: bytes=N-`` as RFC 9110 says."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        if start >= len(data):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(data)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start:])

    return answer


def raw(data: bytes) -> Answer:
    """Answer with these very bytes, headers included, and hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def redirect(location: str) -> Answer:
    """Answer with a redirect."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Answer differently each time; the last answer stays."""
    waiting = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

    return answer


@contextmanager
def serve(routes: dict[str, Answer] | None = None) -> Iterator[Web]:
    """Run a server until the block ends; paths without a route are answered with 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes

        def do_GET(self) -> None:
            web.asked.append(self.path)
            web.headers.append(dict(self.headers.items()))
            unknown = web.fallback or body(b"not found: no such file\n", status=404)
            web.routes.get(self.path, unknown)(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = UntracedServer(("127.0.0.1", 0), Handler)
    # A client that hangs up is none of the test's errors.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    web = Web(f"http://127.0.0.1:{server.server_address[1]}", routes or {})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
