"""Runs as rows of the database, and which of them are wanted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from samego.model.proof import Standing
from samego.monitor.history.record import Run
from samego.report.reasons import Reason, ReasonKind


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs: empty fields let everything through. ``since`` is in UTC.

    ``others`` also includes other users' reports, which do not count and are only shown.
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


def conditions(wanted: RunFilter) -> tuple[str, list[object]]:
    """The WHERE of a query for runs or rebuilds, with its values."""
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


def values_of(run: Run) -> dict[str, object]:
    """What the table ``run`` has of a run, by column."""
    return {
        "digest": run.digest,
        "at": int(run.when.timestamp()),
        "distro": run.distro,
        "package": run.package,
        "version": run.version,
        "architecture": run.architecture,
        "release": run.release,
        "target": run.target,
        **_said(run),
        "samego": run.samego,
        "owner": run.owner,
        "bytes": run.bytes,
        "origin": run.origin,
        "experiment": run.experiment,
        "held": run.held,
        "packages": json.dumps(run.packages),
    }


def known_values_of(run: Run) -> dict[str, object]:
    """What the table ``known`` has, by column."""
    return {
        **_said(run),
        "shown": run.shown,
        "reproduced": run.reproduced,
        "proofs": json.dumps(run.proofs),
    }


def run_of(row: sqlite3.Row) -> Run:
    """The run of a row of ``run``, or of one joined with ``known``, whose columns then count."""
    data = {name: row[name] for name in row.keys() if name not in ("id", "run")}  # noqa: SIM118 - a Row
    when = moment(data.pop("at"))
    lists = {name: tuple(json.loads(data[name])) for name in _LISTS if name in data}
    return Run(
        **{
            **data,
            **lists,
            "when": when,
            "verdict": Standing(data["verdict"]),
            "passes": bool(data["passes"]),
            "held": bool(data["held"]),
            "counts": json.loads(data["counts"]),
            "reasons": _reasons(data["reasons"]),
        }
    )


_LISTS = ("breaking", "latent", "packages", "proofs")
#: The columns that both tables have.
SAID = ("verdict", "passes", "breaking", "latent", "counts", "reproduction", "headline", "reasons")
KNOWN = (*SAID, "shown", "reproduced", "proofs")


def _said(run: Run) -> Mapping[str, object]:
    return {
        "verdict": run.verdict.value,
        "passes": run.passes,
        "breaking": json.dumps(run.breaking),
        "latent": json.dumps(run.latent),
        "counts": json.dumps(dict(run.counts)),
        "reproduction": run.reproduction,
        "headline": run.headline,
        "reasons": json.dumps([_stored(each) for each in run.reasons]),
    }


def _stored(reason: Reason) -> list[object]:
    release = [reason.release] if reason.release else []
    return [reason.kind.value, reason.number, reason.resting, *release]


def _reasons(text: str) -> tuple[Reason, ...]:
    said: Iterable[Sequence[Any]] = json.loads(text)
    return tuple(Reason(ReasonKind(kind), *facts) for kind, *facts in said)
