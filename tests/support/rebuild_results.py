"""Results of ``samego rebuild`` as JSON has them, schema ``samego.rebuild/1``."""

from __future__ import annotations

from typing import Any


def file(name: str, outcome: str = "reproduced", letter: str = "a") -> dict[str, Any]:
    return {
        "name": name,
        "size": 1,
        "sha256": letter * 64,
        "outcome": outcome,
        "cause": "the same bytes",
        "posted": letter * 64,
        "verified": [],
        "where": [],
    }


def target(name: str, *files: dict[str, Any], error: str = "") -> dict[str, Any]:
    verdict = "failed_to_build" if error else "reproduced"
    return {
        "target": name,
        "verdict": verdict,
        "error": error or None,
        "cpu": None,
        "wall": None,
        "fresh": True,
        "files": list(files),
    }


def result(
    *targets: dict[str, Any], release: str = "go1.24.4", bootstrap: str = "upstream"
) -> dict[str, Any]:
    posted = {"channel": "go.dev/dl", "form": "source", "url": "u", "sha256": "b" * 64}
    return {
        "schema": "samego.rebuild/1",
        "verdict": "reproduced",
        "release": release,
        "source": {**posted, "verified": [], "complete": True},
        "agreement": None,
        "disagreeing": [],
        "bootstraps": [
            {
                "name": bootstrap,
                "origin": f"{bootstrap}'s go1.22.6",
                "version": "go1.22.6",
                "digest": bootstrap,
                "verdict": "reproduced",
                "steps": [],
                "targets": list(targets),
            }
        ],
        "notes": [],
        "seconds": 90.5,
        "samego": "0.1.0",
    }
