"""A checksum database on the loopback: its lookups, tiles and newest head, or lies about them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from support.sumdb_log import MODULE, Log
from support.web import Web, body


class Database:
    """Serves a log of which ``size`` records are public, below a path; ``wrong`` overrides."""

    def __init__(self, web: Web, log: Log, *, prefix: str = "", size: int = 290) -> None:
        self.web = web
        self.log = log
        self.size = size
        self.prefix = prefix
        self.wrong: dict[str, bytes] = {}
        web.fallback = self.answer

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        path = handler.path.removeprefix(self.prefix).removeprefix("/")
        data = self.wrong.get(path, self.right(path))
        body(b"nothing here\n", status=404)(handler) if data is None else body(data)(handler)

    def right(self, path: str) -> bytes | None:
        """What an honest server of this log answers, or None."""
        if path == "latest":
            return self.log.head(self.size)
        if path.startswith("tile/"):
            return self.log.tile(path)
        version = path.rpartition("@")[2]
        if path == f"lookup/{MODULE}@{version}" and version in self.log.versions:
            return self.log.lookup(self.log.versions.index(version), self.size)
        return None
