"""The history as a whole: what was found, by when, in one directory.

``history.sqlite3`` says what there is, ``reports/`` has it (samego.monitor.history.reports).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from samego.errors import HistoryError
from samego.monitor.history import database, intake
from samego.monitor.history.evidence import Evidence, evidence_of, packed
from samego.monitor.history.record import (
    InputsRun,
    JobKind,
    RebuildRun,
    RebuiltFile,
    Run,
    SourceRun,
    Waiting,
)
from samego.monitor.history.reports import ReportFiles
from samego.monitor.history.rows import RunFilter, conditions, moment, run_of, values_of
from samego.report import load
from samego.report.load_inputs import SCHEMA as INPUTS
from samego.report.load_source import SCHEMA as SOURCE
from samego.report.rebuild import SCHEMA as REBUILD
from samego.report.summary import Summary
from samego.system.terminal import visible

DATABASE = "history.sqlite3"
REPORTS = "reports"
#: What has a row for each result.
_TABLES = ("run", "rebuild", "inputs", "source")


class History:
    """An open history; see :func:`open_history`. Its methods raise HistoryError."""

    def __init__(self, directory: Path, connection: sqlite3.Connection) -> None:
        self.directory = directory
        self.connection = connection
        self._path = directory / DATABASE
        self._reports = ReportFiles(directory / REPORTS)

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside is there, or nothing of it; other writers wait."""
        return database.transaction(self.connection, self._path)

    def add_report(self, data: bytes, when: datetime, *, name: str, owner: str = "") -> bool:
        """Add what was found, once: a check's report or a rebuild's result, as JSON.

        False where the history has these very bytes: they are ours once we have them, too.
        ``name`` names them in messages, ``owner`` who submitted them (empty: one of us).
        Raises ReportError for what is neither, and DiskFullError.
        """
        digest = hashlib.sha256(data).hexdigest()
        if self._knows(digest):
            if not owner:
                self._make_ours(digest, when)
            return False
        schema = intake.schema_of(data, name=name)
        if schema == REBUILD:
            row = intake.rebuild_of(data, when, name=name)
            return self.add(replace(row, owner=owner), data)
        if schema == INPUTS:
            return self.add(replace(intake.inputs_of(data, when, name=name), owner=owner), data)
        if schema == SOURCE:
            return self.add(replace(intake.source_of(data, when, name=name), owner=owner), data)
        report = load.loads(data, name=name)
        run = intake.run_of_report(Summary(report), data, when)
        return self.add(replace(run, owner=owner), data, evidence_of(report))

    def add_own(self, summary: Summary, data: bytes, when: datetime) -> bool:
        """Add our own report that is in hand; ``data`` is its JSON, which is not read again.

        False where the history has these very bytes. Raises DiskFullError.
        """
        row = intake.run_of_report(summary, data, when)
        if self._knows(row.digest):
            self._make_ours(row.digest, when)
            return False
        return self.add(row, data, evidence_of(summary.report))

    def add(
        self,
        row: Run | RebuildRun | InputsRun | SourceRun,
        data: bytes,
        evidence: Evidence | None = None,
    ) -> bool:
        """Add a row with its report's bytes; False where there is one with its digest.

        Without the ``evidence`` of a run it is read from its report when it is needed.
        """
        if self._knows(row.digest):
            return False
        self._reports.sweep()
        self._reports.put(data)
        with self.transaction():
            if self._knows(row.digest):
                return False
            if isinstance(row, Run):
                self._add_run(row, evidence)
            elif isinstance(row, InputsRun):
                self._insert("inputs", {**_shared(row), "program": row.program})
            elif isinstance(row, SourceRun):
                columns = {"source": row.source, "name": row.name}
                self._insert("source", {**_shared(row), **columns})
            else:
                self._add_rebuild(row)
        return True

    def runs(self, wanted: RunFilter | None = None) -> Iterator[Run]:
        """The runs, oldest first; of one second, in the order in which they came."""
        where, values = conditions(wanted or RunFilter())
        query = f"SELECT * FROM run{where} ORDER BY at, id"  # noqa: S608 - only column names
        with database.translated(self._path):
            for row in self.connection.execute(query, values):
                yield run_of(row)

    def run(self, digest: str) -> Run | None:
        """The run with this digest."""
        with database.translated(self._path):
            row = self.connection.execute(
                "SELECT * FROM run WHERE digest = ?", (digest,)
            ).fetchone()
        return None if row is None else run_of(row)

    def rebuilds(self, wanted: RunFilter | None = None) -> list[RebuildRun]:
        """The rebuilds, oldest first; of the filter, release and since count."""
        chosen = wanted or RunFilter()
        only = RunFilter(release=chosen.release, since=chosen.since, others=chosen.others)
        where, values = conditions(only)
        query = f"SELECT * FROM rebuild{where} ORDER BY at, id"  # noqa: S608 - only placeholders
        with database.translated(self._path):
            rows = self.connection.execute(query, values).fetchall()
            return [
                RebuildRun(
                    row["digest"],
                    moment(row["at"]),
                    row["release"],
                    row["verdict"],
                    row["samego"],
                    tuple(self._rebuilt(row["id"])),
                    row["owner"],
                )
                for row in rows
            ]

    def report(self, digest: str) -> bytes:
        """The bytes of a report. Raises HistoryError for one that is missing or damaged."""
        return self._reports.get(digest)

    def discard(self, digest: str) -> None:
        """Remove the bytes of a report that no row is of."""
        try:
            self._reports.discard(digest)
        except OSError as error:
            raise HistoryError(
                f"the report {digest[:12]} cannot be removed ({error.strerror})",
                hint=f"remove its file below {visible(str(self.directory / REPORTS))}",
            ) from error

    def find(self, beginning: str) -> str:
        """The digest that begins so. Raises HistoryError unless there is exactly one."""
        found: list[str] = []
        for table in _TABLES:
            query = f"SELECT digest FROM {table} WHERE substr(digest, 1, ?) = ?"  # noqa: S608 - three names
            with database.translated(self._path):
                rows = self.connection.execute(query, (len(beginning), beginning)).fetchall()
            found += [row["digest"] for row in rows]
        if len(found) == 1:
            return found[0]
        what = "no report" if not found else f"{len(found)} reports"
        raise HistoryError(
            f"the history has {what} whose digest begins with {visible(beginning)!r}",
            hint="see 'samego history --all'",
        )

    def waiting(self) -> list[Waiting]:
        """What could not be checked yet, the oldest first."""
        with database.translated(self._path):
            rows = self.connection.execute("SELECT * FROM waiting ORDER BY since, spec").fetchall()
        times = ("since", "tried", "due")
        return [
            Waiting(
                **{
                    **dict(row),
                    **{name: moment(row[name]) for name in times},
                    "job": JobKind(row["job"]),
                }
            )
            for row in rows
        ]

    def _knows(self, digest: str) -> bool:
        tables = (*_TABLES, "forgotten")
        query = " UNION ".join(f"SELECT 1 FROM {table} WHERE digest = ?1" for table in tables)  # noqa: S608 - four names
        with database.translated(self._path):
            return self.connection.execute(query, (digest,)).fetchone() is not None

    def _make_ours(self, digest: str, when: datetime) -> None:
        at = int(when.timestamp())
        with self.transaction():
            run = self.run(digest)
            if run is not None and run.owner:
                self.sum_again(run)
            for table in _TABLES:
                self.connection.execute(
                    f"UPDATE {table} SET owner = '', at = ? WHERE digest = ? AND owner <> ''",  # noqa: S608 - three names
                    (at, digest),
                )

    def _add_run(self, run: Run, evidence: Evidence | None) -> None:
        number = self._insert("run", values_of(run))
        if evidence is not None:
            self._insert("evidence", {"run": number, "data": packed(evidence)})
        self.sum_again(run)

    def sum_again(self, run: Run) -> None:
        """Note, within a transaction, that what is known of a version has to be made again."""
        self.connection.execute(
            "INSERT OR IGNORE INTO unsummed VALUES (?, ?, ?, ?)",
            (run.distro, run.package, run.architecture, run.version),
        )

    def _add_rebuild(self, rebuild: RebuildRun) -> None:
        number = self._insert("rebuild", _shared(rebuild))
        self.connection.executemany(
            "INSERT OR REPLACE INTO rebuilt VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    number,
                    file.bootstrap,
                    file.target,
                    file.file,
                    file.outcome,
                    file.sha256,
                    file.cause,
                )
                for file in rebuild.files
            ),
        )

    def _insert(self, table: str, values: dict[str, object]) -> int | None:
        places = ", ".join(f":{name}" for name in values)
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - column names
        return self.connection.execute(statement, values).lastrowid

    def _rebuilt(self, number: int) -> Iterator[RebuiltFile]:
        rows = self.connection.execute(
            "SELECT bootstrap, target, file, outcome, sha256, cause FROM rebuilt WHERE rebuild = ?"
            " ORDER BY bootstrap, target, file",
            (number,),
        )
        return (RebuiltFile(**dict(row)) for row in rows)


def _shared(row: RebuildRun | InputsRun | SourceRun) -> dict[str, object]:
    """What the tables of results have in common, by column."""
    return {
        "digest": row.digest,
        "at": int(row.when.timestamp()),
        "release": row.release,
        "verdict": row.verdict,
        "samego": row.samego,
        "owner": row.owner,
    }


@contextmanager
def open_history(directory: Path) -> Iterator[History]:
    """The history in a directory, which is made where it is missing.

    Raises HistoryError when it cannot be used.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(
            f"the history's directory {visible(str(directory))} cannot be made ({error.strerror})",
            hint="name another one with SAMEGO_HISTORY",
        ) from error
    with database.open_database(directory / DATABASE) as connection:
        yield History(directory, connection)
