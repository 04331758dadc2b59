"""Reading a rebuilderd daemon over its HTTP API, v1 or v0; rebuildctl is what writes to it.

Format: rebuilderd 0.28, common/src/api/v1 and contrib/docs/rebuilderd-v1.yml; v1 came with
0.26. What the daemon answers is not trusted: it is read
up to a limit and by type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from samego.errors import NetworkError, NotPostedError
from samego.integrations.rebuilderd.packages import PackageReport, Published
from samego.model.secrets import know
from samego.system import ending
from samego.system.closing import Closing
from samego.upstream.transport.http import READ_TIMEOUT, ForbiddenError, Http
from samego.upstream.transport.urls import check_scheme, redacted, split_url

#: The longest answer that is read, in bytes.
LIMIT = 64 << 20
#: Records on a page (the daemon's own default), and how many pages are asked for at most.
PAGE = 1000
_PAGES = 1000


class StrangeAnswerError(NetworkError):
    """A server answers, and not as rebuilderd does."""


class RebuilderdClient(Closing):
    """A daemon at ``endpoint``, which everybody may read. ``timeout`` is in seconds.

    The constructor raises NetworkError where samego is ``offline``, and InputError or ConfigError
    for what is no http or https URL. All methods raise NetworkError when the daemon cannot be
    asked or refuses, and StrangeAnswerError where it answers what rebuilderd would not.
    """

    def __init__(
        self, endpoint: str, *, offline: bool = False, timeout: float = READ_TIMEOUT
    ) -> None:
        if offline:
            raise NetworkError(
                f"rebuilderd at {redacted(endpoint)} is not asked: samego is offline",
                hint="leave out --offline",
            )
        # An http URL is deliberate: a daemon itself only speaks http.
        check_scheme(split_url(endpoint), allow_http=True)
        self.endpoint = endpoint.rstrip("/")
        know(endpoint)
        self._http = Http(read_timeout=timeout)

    def close(self) -> None:
        """Close the connections to the daemon."""
        self._http.close()

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

    def build(self, number: int) -> Mapping[str, Any] | None:
        """v1: one build, with its status and time; None for one that is not there."""
        path = f"/api/v1/builds/{number}"
        found = self._get(path)
        return None if found is None else self._table(found, path)

    def text(self, path: str, limit: int) -> bytes | None:
        """What lies at a path, of at most ``limit`` bytes; None where nothing does."""
        ending.check()  # who asks for page after page may have been told to stop
        try:
            return self._http.get_bytes(f"{self.endpoint}{path}", limit=limit, allow_http=True)
        except (ForbiddenError, NetworkError) as error:
            raise NetworkError(
                f"cannot reach rebuilderd: {error.message}",
                hint="check that it runs there, or name another with --endpoint",
            ) from error
        except NotPostedError:
            return None

    def pkgs_list(self, **filters: str) -> tuple[Mapping[str, Any], ...]:
        """v0: a row for each package, as every older reader takes it; ``filters`` as the API's."""
        path = "/api/v0/pkgs/list"
        rows = self._get(path, filters)
        if not isinstance(rows, list):
            raise self._strange(path)
        return tuple(self._table(row, path) for row in rows)

    def published(self, report: PackageReport) -> frozenset[Published]:
        """What the daemon has of a report's group since the last sync."""
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
                continue  # another program's package: not one that samego has sent
            name, version, component, url = map(str, words)
            found.add(Published(name, version, component, url))
        return frozenset(found)

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

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON is anything until it was checked
        """An answer's JSON, or None where the daemon has no such path."""
        body = self._ask(path, query or {})
        if body is None:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise self._strange(path) from error

    def _ask(self, path: str, query: Mapping[str, str]) -> bytes | None:
        """What the daemon answers, or None where it has no such path."""
        return self.text(f"{path}{'?' if query else ''}{urlencode(query)}", LIMIT)

    def _table(self, value: object, path: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._strange(path)
        return value

    def _strange(self, path: str) -> StrangeAnswerError:
        return StrangeAnswerError(
            f"{redacted(self.endpoint)}{path} does not answer as rebuilderd does",
            hint="check that it is rebuilderd 0.24 or newer, and the proxies on the way",
        )
