"""What a daemon knows of its packages, read from either version of its API."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from samego.integrations.rebuilderd.client import RebuilderdClient


class BuildState(enum.Enum):
    """rebuilderd's own words. UNKWN: not built yet, or not known."""

    GOOD = "GOOD"
    BAD = "BAD"
    FAIL = "FAIL"
    UNKWN = "UNKWN"


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One package. ``release`` is empty in v0, which has none; ``build`` is a number."""

    name: str
    version: str
    distribution: str
    release: str
    component: str
    architecture: str
    url: str
    state: BuildState
    build: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class DaemonStatus:
    """All packages of the last sync, sorted; jobs are None where the API does not count them."""

    api: int
    rows: tuple[StatusRow, ...]
    running: int | None
    waiting: int | None

    @property
    def counts(self) -> dict[BuildState, int]:
        """How many packages have each state, for those that some have."""
        found = Counter(row.state for row in self.rows)
        return {state: found[state] for state in BuildState if found[state]}

    def to_object(self) -> dict[str, object]:
        """As JSON can say it."""
        return {
            "api": self.api,
            "jobs": {"running": self.running, "waiting": self.waiting},
            "counts": {state.value: number for state, number in self.counts.items()},
            "packages": [
                {
                    "name": row.name,
                    "version": row.version,
                    "distribution": row.distribution,
                    "release": row.release,
                    "component": row.component,
                    "architecture": row.architecture,
                    "url": row.url,
                    "status": row.state.value,
                    "build_id": row.build,
                }
                for row in self.rows
            ],
        }


def read_status(client: RebuilderdClient, distribution: str = "") -> DaemonStatus:
    """Ask a daemon; all distributions where none is named. Raises NetworkError."""
    if client.has_v1():
        return _read_v1(client, distribution)
    rows = [row_v0(row) for row in client.pkgs_list()]
    kept = [row for row in rows if not distribution or row.distribution == distribution]
    return DaemonStatus(0, _sorted(kept), None, None)


def read_source(
    client: RebuilderdClient, distribution: str, source: str, names: Iterable[str]
) -> tuple[StatusRow, ...]:
    """What a daemon knows of the packages ``names`` of one source package. Raises NetworkError."""
    wanted = frozenset(names)
    if client.has_v1():
        failed = {
            row.get("build_id")
            for row in client.source_packages(distribution=distribution, name=source)
            if row.get("status") == BuildState.FAIL.value
        }
        found = client.binary_packages(distribution=distribution, source_name=source)
        rows = [row_v1(row, failed) for row in found]
    else:
        rows = [
            row_v0(row)
            for name in sorted(wanted)
            for row in client.pkgs_list(distro=distribution, name=name)
        ]
    # Whatever a daemon does not filter by itself is left out here.
    return _sorted([r for r in rows if r.name in wanted and r.distribution == distribution])


def _read_v1(client: RebuilderdClient, distribution: str) -> DaemonStatus:
    filters = {"distribution": distribution} if distribution else {}
    failed = {
        row.get("build_id")
        for row in client.source_packages(**filters)
        if row.get("status") == BuildState.FAIL.value
    }
    rows = [row_v1(row, failed) for row in client.binary_packages(**filters)]
    jobs = client.dashboard().get("jobs")
    counts = jobs if isinstance(jobs, Mapping) else {}
    running, available, pending = (
        _number(counts.get(key)) for key in ("running", "available", "pending")
    )
    waiting = None if available is None or pending is None else available + pending
    return DaemonStatus(1, _sorted([row for row in rows if row.current]), running, waiting)


def row_v1(row: Mapping[str, Any], failed: set[Any]) -> StatusRow:
    """A failed build leaves no artifact and so no status here: its input has it."""
    build = _number(row.get("build_id"))
    state = _state(row.get("status"))
    if build is not None and build in failed:
        state = BuildState.FAIL
    current = row.get("seen_in_last_sync") is not False
    return _row(row, state, build, ("distribution", "release", "component", "url"), current=current)


def row_v0(row: Mapping[str, Any]) -> StatusRow:
    """From 0.26 on a build without an answer is one that failed; 0.24 calls that BAD."""
    build = _number(row.get("build_id"))
    state = _state(row.get("status"))
    if state is BuildState.UNKWN and build is not None:
        state = BuildState.FAIL
    return _row(row, state, build, ("distro", "", "suite", "artifact_url"), current=True)


def _row(
    row: Mapping[str, Any],
    state: BuildState,
    build: int | None,
    keys: tuple[str, str, str, str],
    *,
    current: bool,
) -> StatusRow:
    distribution, release, component, url = (_text(row.get(key)) for key in keys)
    return StatusRow(
        name=_text(row.get("name")),
        version=_text(row.get("version")),
        distribution=distribution,
        release=release,
        component=component,
        architecture=_text(row.get("architecture")),
        url=url,
        state=state,
        build=build,
        current=current,
    )


def _sorted(rows: list[StatusRow]) -> tuple[StatusRow, ...]:
    return tuple(
        sorted(rows, key=lambda row: (row.distribution, row.release, row.name, row.version))
    )


def _state(value: object) -> BuildState:
    known = {state.value: state for state in BuildState}
    return known.get(value, BuildState.UNKWN) if isinstance(value, str) else BuildState.UNKWN


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
