"""A server that speaks go.dev/dl's exact JSON over real bytes, and can misbehave.

It also serves a module proxy's files below ``/mod/`` (as go.dev/dl does) or wherever a
test puts them. Faults are set per path before or between requests.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from support.web import UntracedServer

_RANGE = re.compile(r"bytes=(\d+)-")
_KINDS = {"pkg": "installer", "msi": "installer"}


@dataclass
class Fault:
    """How a path misbehaves; ``times`` None means always.

    ``status`` is answered with ``body``. ``cut`` sends that many bytes of the answer and
    drops the connection. ``stall`` sends that many and then nothing until the server ends.
    ``no_ranges`` ignores ranges. ``replace`` sends these bytes instead. ``location`` goes with
    ``status``.
    """

    status: int = 0
    body: str = ""
    cut: int | None = None
    stall: int | None = None
    no_ranges: bool = False
    replace: bytes | None = None
    times: int | None = None
    location: str = ""


@dataclass
class GoDev:
    """What the server has: files by URL path, faults by URL path, and what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def post(self, name: str, data: bytes) -> str:
        """Post a file under ``/dl``; returns its sha256."""
        self.files[f"/dl/{name}"] = data
        return hashlib.sha256(data).hexdigest()

    def set_index(self, *releases: Mapping[str, object]) -> None:
        """Serve this index, spelled as golang/website does (one space of indent)."""
        self.files["/dl/?mode=json&include=all"] = json.dumps(list(releases), indent=1).encode()

    def asked(self, path: str) -> list[str]:
        """The Range headers (or "") of the requests for a path, in order."""
        return [header for asked, header in self.requests if asked == path]


def release_row(version: str, *files: Mapping[str, object]) -> dict[str, object]:
    """One release of the index."""
    return {"version": version, "stable": True, "files": list(files)}


def file_row(filename: str, data: bytes, *, sha256: str | None = None) -> dict[str, object]:
    """One file of the index, with the seven keys that go.dev/dl gives, in its order."""
    match = re.fullmatch(r"(go1[.0-9a-z]*?)\.(src|([a-z0-9]+)-([a-z0-9]+))\.(.*)", filename)
    assert match is not None, filename
    return {
        "filename": filename,
        "os": match[3] or "",
        "arch": match[4] or "",
        "version": match[1],
        "sha256": hashlib.sha256(data).hexdigest() if sha256 is None else sha256,
        "size": len(data),
        "kind": _KINDS.get(
            filename.rpartition(".")[2], "source" if match[2] == "src" else "archive"
        ),
    }


def toolchain_archive(release: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """A small tar.gz laid out as upstream's: everything below ``go/``."""
    members = {"VERSION": f"{release}\ntime 2025-05-29T19:37:36Z\n".encode(), **(files or {})}
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path, data in members.items():
            info = tarfile.TarInfo(f"go/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def module_zip(version: str, files: Mapping[str, bytes]) -> bytes:
    """A small module zip of golang.org/toolchain."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"golang.org/toolchain@{version}/{path}"), data)
    return raw.getvalue()


@contextmanager
def serve(state: GoDev) -> Iterator[GoDev]:
    """Run a server for this state on a free loopback port; ``state.url`` is its root."""

    class Handler(_Handler):
        godev = state

    server = UntracedServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002})
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def posting(release: str, files: Mapping[str, bytes]) -> Iterator[GoDev]:
    """A server that posts a release's archive for linux-amd64 with these files, as go.dev does."""
    name, archive = f"{release}.linux-amd64.tar.gz", toolchain_archive(release, files)
    state = GoDev()
    state.post(name, archive)
    state.set_index(release_row(release, file_row(name, archive)))
    with serve(state):
        yield state


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    godev: GoDev

    def do_GET(self) -> None:
        state = self.godev
        wanted = self.headers.get("Range", "")
        state.requests.append((self.path, wanted))
        fault = self._fault()
        if fault.status:
            headers = {"Location": fault.location} if fault.location else {}
            self._send(fault.status, fault.body.encode(), headers)
            return
        data = state.files.get(self.path) if fault.replace is None else fault.replace
        if data is None:
            self._send(404, b"not found\n", {})
            return
        match = None if fault.no_ranges else _RANGE.fullmatch(wanted)
        start = int(match[1]) if match else 0
        if start >= len(data) > 0:
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if match else {}
        self._send(206 if match else 200, data[start:], headers, fault)

    def _fault(self) -> Fault:
        fault = self.godev.faults.get(self.path)
        if fault is None or fault.times == 0:
            return Fault()
        if fault.times is not None:
            fault.times -= 1
        return fault

    def _send(
        self, status: int, data: bytes, headers: Mapping[str, str], fault: Fault | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        fault = fault or Fault()
        limit = fault.cut if fault.cut is not None else fault.stall
        self.wfile.write(data if limit is None else data[:limit])
        if fault.stall is not None:
            self.wfile.flush()
            self.godev.ended.wait(30)
        if limit is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""
