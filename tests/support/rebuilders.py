"""Answers of rebuilders as their services give them, on the loopback, and who they are."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from support.web import Web, body

MINE, OTHER = "a" * 64, "b" * 64
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.timezone.utc)
FILE = "golang-1.24-go_1.24.4-1_amd64.deb"
PACKAGE = Question(
    "golang-1.24-go 1.24.4-1 amd64",
    "golang-1.24-go",
    "1.24.4-1",
    "amd64",
    "debian",
    (FILE,),
    MINE,
)
ARCHIVE, ZIP = "go1.24.4.linux-amd64.tar.gz", "v0.0.1-go1.24.4.linux-amd64.zip"
RELEASE = Question(
    "go1.24.4 linux-amd64", "go.linux-amd64", "1.24.4", "amd64", "go", (ARCHIVE, ZIP)
)


def one(
    operator: str = "A",
    kind: RebuilderKind = RebuilderKind.REBUILDERD,
    *,
    name: str = "",
    **more: Any,  # noqa: ANN401 - the fields of a rebuilder
) -> Rebuilder:
    """A rebuilder, named after its operator unless it has a name."""
    return Rebuilder(name or operator.lower(), operator, kind, **more)


def voice(operator: str, says: Heard, **more: Any) -> Voice:  # noqa: ANN401 - a voice's fields
    """What an operator's only rebuilder says."""
    own = {key: more.pop(key) for key in ("name", "max_age") if key in more}
    return Voice(one(operator, **own), says, **more)


def daemon_v1(
    web: Web, *rows: Mapping[str, Any], builds: Mapping[int, Mapping[str, Any]] | None = None
) -> None:
    """Answer as a daemon with v1 does: these rows of binary packages, and these builds."""
    records = [{"id": number, **row} for number, row in enumerate(rows, start=1)]
    answers = {
        "/api/v1/dashboard": {"jobs": {}},
        "/api/v1/packages/binary": {"total": len(records), "records": records},
        **{f"/api/v1/builds/{number}": build for number, build in (builds or {}).items()},
    }
    serve_json(web, answers)


def serve_json(web: Web, answers: Mapping[str, Any]) -> None:
    """Answer paths with JSON, whatever their queries are; everything else is not found."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        if path not in answers:
            body(b"", status=404)(handler)
            return
        body(json.dumps(answers[path]).encode(), kind="application/json")(handler)

    web.fallback = answer


def row_v1(status: str | None = "GOOD", build: int | None = 1, **more: object) -> dict[str, Any]:
    """A row of v1 about PACKAGE."""
    return {
        "name": PACKAGE.name,
        "version": PACKAGE.version,
        "distribution": "debian",
        "release": "trixie",
        "component": "main",
        "architecture": "amd64",
        "url": f"https://deb.example/pool/{FILE}",
        "status": status,
        "build_id": build,
        "artifact_id": build,
        "attestation_log_id": None,
        "seen_in_last_sync": True,
        **more,
    }


def row_v0(status: str = "GOOD", build: int | None = 1, **more: object) -> dict[str, Any]:
    """A row of v0 about PACKAGE."""
    return {
        "name": PACKAGE.name,
        "version": PACKAGE.version,
        "status": status,
        "distro": "debian",
        "suite": "main",
        "architecture": "amd64",
        "artifact_url": f"https://deb.example/pool/{FILE}",
        "build_id": build,
        "built_at": "2026-11-23T17:00:00.123456789" if build is not None else None,
        "has_diffoscope": False,
        "has_attestation": False,
        **more,
    }
