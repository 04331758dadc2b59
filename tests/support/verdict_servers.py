"""rebuilderd and debaudit as they answer over HTTP, with rows that a test chooses.

rebuilderd's shapes are those of 0.28 (v1) and 0.24 (v0), filters and pages included; debaudit's is
that of its results.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from support.web import Answer, body

SEEN = "2026-11-23T16:55:32.897122621"


def binary(number: int, name: str, version: str, architecture: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A record of ``/api/v1/packages/binary``."""
    return {
        "id": number,
        "name": name,
        "version": version,
        "distribution": "debian",
        "release": "unstable",
        "component": "main",
        "architecture": architecture,
        "url": f"http://mirror/{name}.deb",
        "status": None,
        "build_id": None,
        "artifact_id": None,
        "diffoscope_log_id": None,
        "attestation_log_id": None,
        "last_seen": SEEN,
        "seen_in_last_sync": True,
        "source_name": name.rpartition("-")[0],
        **more,
    }


def source(number: int, name: str, version: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A record of ``/api/v1/packages/source``."""
    return {
        "id": number,
        "name": name,
        "version": version,
        "distribution": "debian",
        "release": "unstable",
        "status": None,
        "build_id": None,
        "last_seen": SEEN,
        "seen_in_last_sync": True,
        **more,
    }


def rebuilderd_v1(
    binaries: Sequence[Mapping[str, Any]], sources: Sequence[Mapping[str, Any]] = ()
) -> Answer:
    """A daemon of 0.26 or newer."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = dict(parse_qsl(url.query))
        if url.path.endswith("/api/v1/dashboard"):
            jobs = {"running": 0, "available": 0, "pending": 0}
            rebuilds = {"good": 1, "bad": 0, "fail": 0, "unknown": 0}
            _json(handler, {"rebuilds": rebuilds, "jobs": jobs})
        elif url.path.endswith("/api/v1/packages/binary"):
            _page(handler, binaries, query)
        elif url.path.endswith("/api/v1/packages/source"):
            _page(handler, sources, query)
        else:
            body(b"", status=404)(handler)

    return answer


def rebuilderd_v0(rows: Sequence[Mapping[str, Any]]) -> Answer:
    """A daemon of 0.24, with v1's binary records for rows: a build that failed is BAD there."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = dict(parse_qsl(url.query))
        if url.path.endswith("/api/v0/dashboard"):
            _json(handler, {"suites": {}, "active_builds": [], "queue_length": 0, "now": SEEN})
        elif url.path.endswith("/api/v0/pkgs/list"):
            kept = [row for row in rows if query.get("name", row["name"]) == row["name"]]
            _json(handler, [_v0(row) for row in kept])
        else:
            body(b"", status=404)(handler)

    return answer


def debaudit(*entries: tuple[str, str, bool, str], **more: Any) -> bytes:  # noqa: ANN401 - JSON
    """results.json of (package, version in sid, whether it may migrate, diagnostic)."""
    return json.dumps(
        {
            name: {
                "versions": [version],
                "migration_status": {
                    "orig-check": {
                        "can_migrate": may,
                        "sid": {
                            "diagnostic": diagnostic,
                            "version": version,
                            "dsc_sha256": "d" * 64,
                            "url": f"https://debaudit.debian.net/{name}",
                            **more,
                        },
                        "testing": {},
                    }
                },
            }
            for name, version, may, diagnostic in entries
        }
    ).encode()


def _v0(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "version": row["version"],
        "status": row["status"] or "UNKWN",
        "distro": row["distribution"],
        "suite": row["component"],
        "architecture": row["architecture"],
        "artifact_url": row["url"],
        "build_id": row["build_id"],
        "built_at": SEEN if row["build_id"] else None,
        "has_diffoscope": False,
        "has_attestation": False,
    }


def _page(
    handler: BaseHTTPRequestHandler,
    records: Sequence[Mapping[str, Any]],
    query: Mapping[str, str],
) -> None:
    filters = {k: v for k, v in query.items() if k not in ("limit", "sort", "direction", "after")}
    found = [
        {k: v for k, v in row.items() if k != "source_name"}
        for row in records
        if all(str(row.get(key)) == value for key, value in filters.items())
        and row["id"] > int(query.get("after", "0"))
    ]
    _json(handler, {"total": len(found), "records": found[: int(query["limit"])]})


def _json(handler: BaseHTTPRequestHandler, data: object) -> None:
    body(json.dumps(data).encode(), kind="application/json")(handler)
