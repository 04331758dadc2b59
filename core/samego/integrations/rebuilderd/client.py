"""A client for a rebuilderd daemon's HTTP API: v1 to write, v1 and v0 to read.

Format: rebuilderd 0.28, common/src/api/v1 and contrib/docs/rebuilderd-v1.yml; v1 came with
0.26, and from then on v0 is read only. What the daemon answers is not trusted: it is read
up to a limit and by type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import requests
import urllib3.exceptions

from samego.errors import ConfigError, NetworkError
from samego.integrations.rebuilderd.packages import PackageReport, Published
from samego.model.secrets import know, know_secret, public_text
from samego.system import watchdog
from samego.system.watchdog import Watchdog
from samego.upstream.transport.http import trusted_certificates
from samego.upstream.transport.urls import check_scheme, clean_sentence, redacted, split_url

COOKIE_HEADER = "X-Auth-Cookie"
#: The longest answer that is read, in bytes, and how long an answer may take, in seconds.
LIMIT = 64 << 20
PATIENCE = 300.0
_NO_MORE_TIME = 1 << 40
#: Records on a page (the daemon's own default), and how many pages are asked for at most.
PAGE = 1000
_PAGES = 1000
_TIMEOUT = (10.0, 60.0)
_OK, _NO_CONTENT, _FORBIDDEN, _NOT_FOUND = 200, 204, 403, 404


class RebuilderdClient(AbstractContextManager["RebuilderdClient"]):
    """A daemon at ``endpoint``; ``cookie`` is needed only to write.

    All methods raise NetworkError when it cannot be asked, refuses, or answers what
    rebuilderd would not.
    """

    def __init__(self, endpoint: str, *, cookie: str = "") -> None:
        # Whoever writes an http URL means it: a daemon speaks http by itself.
        check_scheme(split_url(endpoint), allow_http=True)
        self.endpoint = endpoint.rstrip("/")
        self._cookie = cookie
        know(endpoint)
        know_secret(cookie)
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, watchdog.adapter())
        self._session.verify = trusted_certificates()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def has_v1(self) -> bool:
        """Whether the daemon speaks v1 (0.26 and newer). Raises NetworkError for neither."""
        if self._get("/api/v1/dashboard") is not None:
            return True
        if self._get("/api/v0/dashboard") is not None:
            return False
        raise self._strange("/api/v0/dashboard")

    def dashboard(self) -> Mapping[str, Any]:
        """v1: how many rebuilds are good, bad, failed and unknown, and how many jobs wait."""
        return self._table(self._get("/api/v1/dashboard"), "/api/v1/dashboard")

    def binary_packages(self, **filters: str) -> Iterator[Mapping[str, Any]]:
        """v1: what is known of each artifact; ``filters`` as the API names them."""
        return self._records("/api/v1/packages/binary", filters)

    def source_packages(self, **filters: str) -> Iterator[Mapping[str, Any]]:
        """v1: what is known of each input; only here a build that failed shows as FAIL."""
        return self._records("/api/v1/packages/source", filters)

    def pkgs_list(self) -> tuple[Mapping[str, Any], ...]:
        """v0: a row for each package, as every older reader takes it."""
        path = "/api/v0/pkgs/list"
        rows = self._get(path)
        if not isinstance(rows, list):
            raise self._strange(path)
        return tuple(self._table(row, path) for row in rows)

    def published(self, report: PackageReport) -> frozenset[Published]:
        """What the daemon was told of a report's group in the last sync."""
        filters = {
            "distribution": report.distribution,
            "release": report.release,
            "architecture": report.architecture,
        }
        found = set()
        for row in self.binary_packages(**filters):
            if row.get("seen_in_last_sync") is not True:
                continue
            words = [row.get(key) for key in ("name", "version", "component", "url")]
            if not all(isinstance(word, str) for word in words):
                continue  # somebody else's package: not one that samego has sent
            name, version, component, url = map(str, words)
            found.add(Published(name, version, component, url))
        return frozenset(found)

    def submit(self, report: PackageReport) -> None:
        """v1: tell the daemon the whole of a group. Raises ConfigError for a wrong cookie."""
        path = "/api/v1/packages"
        answer = self._ask("POST", path, json.dumps(report.to_object()).encode())
        if answer[0] == _FORBIDDEN:
            raise ConfigError(
                f"{redacted(self.endpoint)} refuses the cookie",
                hint="take the one of this daemon (its auth-cookie file)",
            )
        if answer[0] not in (_OK, _NO_CONTENT):
            raise self._refused(path, *answer)

    # -- below the API

    def _records(self, path: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """All records, page after page, in the order of their numbers."""
        after: int | None = None
        for _ in range(_PAGES):
            query = {"limit": str(PAGE), "sort": "id", "direction": "Ascending", **filters}
            if after is not None:
                query["after"] = str(after)
            page = self._table(self._get(path, query), path)
            records = page.get("records")
            if not isinstance(records, list):
                raise self._strange(path)
            for record in records:
                row = self._table(record, path)
                number = row.get("id")
                if not isinstance(number, int) or (after is not None and number < after):
                    raise self._strange(path)
                after = number
                yield row
            if len(records) < PAGE:
                return
        raise self._strange(path)

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON is anything until it was looked at
        """An answer's JSON, or None where the daemon has no such path."""
        status, body = self._ask("GET", path, query=query)
        if status == _NOT_FOUND:
            return None
        if status != _OK:
            raise self._refused(path, status, body)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self._strange(path) from error

    def _ask(
        self, method: str, path: str, body: bytes = b"", query: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if body else {}
        if body:
            headers[COOKIE_HEADER] = self._cookie
        try:
            with (
                # Whatever comes buys no more time: its headers and body together have PATIENCE.
                Watchdog(PATIENCE, _NO_MORE_TIME) as watched,
                self._session.request(
                    method,
                    f"{self.endpoint}{path}",
                    params=dict(query or {}),
                    data=body or None,
                    headers=headers,
                    stream=True,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                ) as answer,
            ):
                data = bytearray()
                for chunk in watched.counted(answer.iter_content(1 << 16)):
                    data += chunk
                    if len(data) > LIMIT:
                        raise self._strange(path)
                return answer.status_code, bytes(data)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise NetworkError(
                f"rebuilderd at {redacted(self.endpoint)} cannot be asked"
                f" ({clean_sentence(type(error).__name__)})",
                hint="check that it runs there, or name another with --endpoint",
            ) from error

    def _table(self, value: object, path: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._strange(path)
        return value

    def _refused(self, path: str, status: int, body: bytes) -> NetworkError:
        detail = clean_sentence(public_text(body[:4096].decode("utf-8", "replace"), self.endpoint))
        return NetworkError(
            f"{redacted(self.endpoint)}{path} answers {status}{f' ({detail})' if detail else ''}",
            hint="check that it is rebuilderd 0.24 or newer",
        )

    def _strange(self, path: str) -> NetworkError:
        return NetworkError(
            f"{redacted(self.endpoint)}{path} does not answer as rebuilderd does",
            hint="check the endpoint, and the proxies between here and there",
        )
