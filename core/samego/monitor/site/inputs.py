"""What decides the bytes of releases: one page for each release or program that was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samego.errors import ReportError
from samego.monitor.history.inputs import inputs_runs, newest_of_each
from samego.monitor.history.order import natural
from samego.monitor.history.record import InputsRun
from samego.monitor.history.store import History
from samego.monitor.site import places
from samego.monitor.site.words import RunStatus
from samego.report.load_inputs import parse_inputs

_UNREAD = RunStatus("cannot be read", "·", "none", 2)
_STATUSES = {
    "same_bytes": RunStatus("the same bytes", "✓", "reproduced", 0),
    "undecided": RunStatus("undecided", "·", "unproven", 3),
    "differs": RunStatus("differs", "✗", "unexplained", 4),
}


@dataclass(frozen=True, slots=True)
class VariedRow:
    """One variation: ``seen`` by the probe or not, and what it changed; ``why`` not, else."""

    name: str
    what: str
    plain: str
    varied: str
    seen: bool
    changes: bool
    why: str


@dataclass(frozen=True, slots=True)
class TriedRow:
    """One thing that is an input: what was done to it, and what it changed.

    ``unexpected`` is what it should not have changed, or what it should have.
    """

    name: str
    what: str
    changed: tuple[str, ...]
    unexpected: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class TriedTarget:
    """One target. ``costs`` are CPU seconds by build; ``files`` what the plain build gave."""

    name: str
    status: RunStatus
    cause: str
    costs: tuple[tuple[str, float], ...]
    files: tuple[tuple[str, str], ...]
    rows: tuple[VariedRow, ...]
    where: tuple[str, ...]
    inputs: tuple[TriedRow, ...]

    @property
    def seen(self) -> tuple[VariedRow, ...]:
        """The variations that count."""
        return tuple(row for row in self.rows if row.seen)

    @property
    def unseen(self) -> tuple[VariedRow, ...]:
        """Those of which nothing is said."""
        return tuple(row for row in self.rows if not row.seen)


@dataclass(frozen=True, slots=True)
class TriedRelease:
    """What the last run said of a release, or of one program of it."""

    name: str
    page: str
    when: datetime
    digest: str
    status: RunStatus
    bootstraps: tuple[str, ...]
    targets: tuple[TriedTarget, ...]

    @property
    def varied(self) -> int:
        """How many variations counted, of the target with the fewest."""
        return min((len(target.seen) for target in self.targets), default=0)


def tried_releases(history: History) -> tuple[TriedRelease, ...]:
    """What was tried last of each release and program, the newest release first.

    Raises HistoryError for a result that is missing or damaged.
    """
    runs = newest_of_each(inputs_runs(history))
    found = sorted(runs, key=lambda run: (natural(run.release), run.program), reverse=True)
    return tuple(_tried(run, history.report(run.digest)) for run in found)


def _tried(run: InputsRun, data: bytes) -> TriedRelease:
    name = f"{run.program} of {run.release}" if run.program else run.release
    place = places.inputs(run.release, run.program)
    try:
        result = parse_inputs(data, name=f"the result {run.digest[:12]}")
    except ReportError:  # another samego's
        return TriedRelease(name, place, run.when, run.digest, _UNREAD, (), ())
    return TriedRelease(
        name,
        place,
        run.when,
        run.digest,
        _STATUSES[result["verdict"]],
        tuple(dict.fromkeys(result["bootstraps"].values())),
        tuple(_target(target, run.program) for target in result["targets"]),
    )


def _target(target: Mapping[str, Any], program: str) -> TriedTarget:
    return TriedTarget(
        target["target"],
        _STATUSES[target["verdict"]],
        target["doubt"] or target["error"] or "",
        tuple(
            (what, target[key]["cpu"])
            for what, key in (("plain", "plain"), ("varied", "varied"))
            if target[key] is not None
        ),
        tuple((program or name, file["sha256"]) for name, file in target["plain"]["files"].items()),
        tuple(_varied(row) for row in target["variations"]),
        tuple(target["where"]),
        tuple(_inputs(target["inputs"])),
    )


def _varied(row: Mapping[str, Any]) -> VariedRow:
    return VariedRow(
        row["name"],
        row["what"],
        row["plain"],
        row["varied"],
        row["seen"],
        bool(row["changes_the_bytes"]),
        row["not_varied_because"] or "",
    )


def _inputs(rows: list[Mapping[str, Any]]) -> Iterator[TriedRow]:
    for row in rows:
        changed, unexpected = tuple(row["changed"]), tuple(row["unexpected"])
        yield TriedRow(row["name"], row["what"], changed, unexpected, row["error"] or "")
