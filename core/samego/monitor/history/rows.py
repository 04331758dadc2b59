"""Rows of the database as values, and what of them is wanted."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timezone

from samego.model.proof import Standing
from samego.monitor.history.record import Run
from samego.report.reasons import Reason, ReasonKind


@dataclass(frozen=True, slots=True)
class Filter:
    """Which runs: empty fields let everything through. ``since`` is in UTC.

    ``others`` lets through what others submitted, too: it counts for nothing, and is only shown.
    """

    distro: str = ""
    package: str = ""
    version: str = ""
    architecture: str = ""
    release: str = ""
    since: datetime | None = None
    others: bool = False


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time in UTC, without their fraction: what the history keeps."""
    return datetime.fromtimestamp(int(seconds), timezone.utc)


def conditions(wanted: Filter) -> tuple[str, list[object]]:
    """A WHERE clause (empty where all is wanted) with a place for each value, and the values."""
    names = ("distro", "package", "version", "architecture", "release")
    results_of = {name: getattr(wanted, name) for name in names if getattr(wanted, name)}
    parts = [f"{name} = ?" for name in results_of]
    if not wanted.others:
        parts.append("owner = ''")
    values: list[object] = list(results_of.values())
    if wanted.since is not None:
        parts.append("at >= ?")
        values.append(int(wanted.since.timestamp()))
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def run_of(row: sqlite3.Row) -> Run:
    """The run that a row of the table ``run`` holds."""
    data = dict(row)
    del data["id"]
    when = moment(data.pop("at"))
    return Run(
        **{
            **data,
            "when": when,
            "verdict": Standing(data["verdict"]),
            "passes": bool(data["passes"]),
            "breaking": tuple(json.loads(data["breaking"])),
            "latent": tuple(json.loads(data["latent"])),
            "counts": json.loads(data["counts"]),
            "reasons": tuple(
                Reason(ReasonKind(kind), number, resting)
                for kind, number, resting in json.loads(data["reasons"])
            ),
        }
    )
