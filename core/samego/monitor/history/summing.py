"""What is known of the same bytes, kept beside the runs.

It is made when it is read, for the versions that a run was added to since: adding stays cheap, and
a database of an earlier version is upgraded at its first query.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from samego.errors import HistoryError, SamegoError
from samego.monitor.history import rows
from samego.monitor.history.counting import why_not
from samego.monitor.history.database import translated
from samego.monitor.history.evidence import Evidence, evidence_of, packed, unpacked
from samego.monitor.history.intake import run_of_report
from samego.monitor.history.known import Known
from samego.monitor.history.record import Run
from samego.monitor.history.rows import RunFilter
from samego.monitor.history.store import DATABASE, History
from samego.report import load
from samego.report.summary import Summary

#: Columns of ``run`` that an earlier version did not fill.
_ADDED = ("bytes", "packages", "experiment", "reasons")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a package on one architecture."""

    distro: str
    package: str
    architecture: str
    version: str


def counted(history: History, wanted: RunFilter | None = None) -> list[Run]:
    """The runs that count, oldest first, each with what was known of its bytes after it.

    Raises HistoryError.
    """
    pending = _settle(history)
    chosen = wanted or RunFilter()
    where, values = rows.conditions(replace(chosen, others=True))
    known = ", ".join(f"known.{name} AS {name}" for name in rows.KNOWN)
    own = ", ".join(f"run.{name} AS {name}" for name in _own_columns(history))
    query = (  # only column names
        f"SELECT {own}, {known} FROM run JOIN known ON known.run = run.id"  # noqa: S608 - column names
        f"{where} ORDER BY at, id"
    )
    with translated(history.directory / DATABASE):
        found = [rows.run_of(row) for row in history.connection.execute(query, values)]
    if not pending:
        return found
    kept = [run for run in found if version_of(run) not in pending]
    made = [run for runs in pending.values() for run in runs if _lets_through(chosen, run)]
    return sorted((*kept, *made), key=lambda run: run.when)


def left_out(history: History, version: Version) -> Mapping[str, str]:
    """Why runs of a version do not count, by digest; those that do are not in it."""
    return _sum(history, version)[1]


def evidence_of_run(history: History, run: Run) -> Evidence | None:
    """What a run says of each path; None where its report cannot be read any more."""
    with translated(history.directory / DATABASE):
        row = history.connection.execute(
            "SELECT data FROM evidence JOIN run ON run.id = evidence.run WHERE digest = ?",
            (run.digest,),
        ).fetchone()
    if row is not None:
        return unpacked(row["data"])
    try:
        report = load.loads(history.report(run.digest), name=f"the report {run.digest[:12]}")
    except SamegoError:
        return None
    return evidence_of(report)


def _settle(history: History) -> Mapping[Version, Sequence[Run]]:
    """Make what is not made yet; where it cannot be written, the answer has it."""
    with translated(history.directory / DATABASE):
        todo = [
            Version(**dict(row)) for row in history.connection.execute("SELECT * FROM unsummed")
        ]
    pending: dict[Version, Sequence[Run]] = {}
    for version in todo:
        try:
            with history.transaction():
                _write(history, version)
        except HistoryError:  # noqa: PERF203 - one version's failure is its own
            pending[version] = _sum(history, version)[0]
    return pending


def _write(history: History, version: Version) -> None:
    connection = history.connection
    _fill_in(history, version)
    runs, _left = _sum(history, version)
    place = (version.distro, version.package, version.architecture, version.version)
    connection.execute(
        "DELETE FROM known WHERE run IN (SELECT id FROM run"
        " WHERE (distro, package, architecture, version) = (?, ?, ?, ?))",
        place,
    )
    for run in runs:
        values = rows.known_values_of(run)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(
            f"INSERT INTO known (run, {', '.join(values)})"  # noqa: S608 - column names
            f" SELECT id, {marks} FROM run WHERE digest = :digest",
            {**values, "digest": run.digest},
        )
    connection.execute(
        "DELETE FROM unsummed WHERE (distro, package, architecture, version) = (?, ?, ?, ?)", place
    )


def _sum(history: History, version: Version) -> tuple[list[Run], Mapping[str, str]]:
    """The runs of a version that count, added up, and why the others do not."""
    runs = _runs(history, version)
    evidence = {
        run.digest: said
        for run in runs
        if not run.owner and (said := evidence_of_run(history, run)) is not None
    }
    left = why_not(runs, evidence)
    known: defaultdict[str, Known] = defaultdict(Known)
    summed = []
    for run in runs:
        if run.digest in left:
            continue
        said = evidence.get(run.digest)
        if said is None:
            summed.append(run)  # all that is left of it is its row
        else:
            # A package whose bytes are unknown is a group of its own.
            summed.append(known[run.bytes or run.digest].take(run, said))
    return summed, left


def _runs(history: History, version: Version) -> list[Run]:
    wanted = RunFilter(
        version.distro, version.package, version.version, version.architecture, others=True
    )
    return [run for run in history.runs(wanted) if version_of(run) == version]


def _fill_in(history: History, version: Version) -> None:
    """Read again the reports that an earlier version imported, for columns that it did not have."""
    for run in _runs(history, version):
        row = history.connection.execute(
            "SELECT run.id FROM run LEFT JOIN evidence ON evidence.run = run.id"
            " WHERE digest = ? AND data IS NULL",
            (run.digest,),
        ).fetchone()
        if row is None:
            continue
        try:
            data = history.report(run.digest)
            report = load.loads(data, name=f"the report {run.digest[:12]}")
        except SamegoError:
            continue  # missing or damaged: said where it is asked for
        values = rows.values_of(run_of_report(Summary(report), data, run.when))
        names = ", ".join(f"{name} = :{name}" for name in _ADDED)
        history.connection.execute(
            f"UPDATE run SET {names} WHERE id = :id",  # noqa: S608 - column names
            {**{name: values[name] for name in _ADDED}, "id": row["id"]},
        )
        history.connection.execute(
            "INSERT INTO evidence VALUES (?, ?)", (row["id"], packed(evidence_of(report)))
        )


def _own_columns(history: History) -> Iterator[str]:
    for row in history.connection.execute("PRAGMA table_info(run)").fetchall():
        if row["name"] not in rows.SAID:
            yield row["name"]


def version_of(run: Run) -> Version:
    """The version that a run is of."""
    return Version(run.distro, run.package, run.architecture, run.version)


def _lets_through(wanted: RunFilter, run: Run) -> bool:
    names = ("distro", "package", "version", "architecture", "release")
    return all(getattr(wanted, name) in ("", getattr(run, name)) for name in names) and (
        wanted.since is None or run.when >= wanted.since
    )
