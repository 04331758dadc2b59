"""Checks that could not be decided: kept so that nothing is known to be unknown, and no verdict.

One is kept for each version on each architecture. It is shown until a check that counts decides it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from samego.distro.naming import naming_of
from samego.model.asked import From
from samego.model.attempt import Attempt
from samego.monitor.history.database import translated
from samego.monitor.history.record import JobKind, Line, Run, Waiting
from samego.monitor.history.rows import RunFilter, conditions, moment
from samego.monitor.history.store import DATABASE, History
from samego.monitor.history.summing import counted
from samego.report.trackers.build import main_package
from samego.system.terminal import visible

#: What a suite or the package manager holds; all else is an experiment.
_COUNTS = (From.SUITE, From.INSTALLED)


@dataclass(frozen=True, slots=True)
class UndecidedRun:
    """A check that could not be decided. ``package`` and ``version`` are the source package's.

    ``command`` asks again, ``cause`` says why it could not be decided; ``seconds`` is the wall time
    of the check, None where it is not known. ``release`` and ``target`` are empty where only the
    watcher tried. ``when`` is in UTC.
    """

    distro: str
    package: str
    version: str
    architecture: str
    release: str
    target: str
    when: datetime
    seconds: float | None
    command: str
    cause: str

    @property
    def line(self) -> Line:
        """What this is a version of."""
        return Line(self.distro, self.package, self.architecture)


def undecided_of(attempt: Attempt, when: datetime) -> UndecidedRun | None:
    """What the history keeps of an attempt; None of an experiment.

    Raises InputError where the distro's plugin is not installed.
    """
    subject, asked = attempt.subject, attempt.asked
    if asked.source not in _COUNTS or asked.instead or not subject.packages:
        return None
    main = main_package(subject.packages)
    source = naming_of(subject.distro).source(main)
    return UndecidedRun(
        visible(subject.distro),
        visible(source.name),
        visible(source.version),
        visible(main.architecture),
        str(subject.release),
        str(subject.target),
        when,
        attempt.seconds,
        visible(asked.command),
        visible(attempt.cause),
    )


def keep_undecided(history: History, run: UndecidedRun) -> None:
    """Keep it, in place of an earlier one of the same version. Raises HistoryError."""
    values = {each.name: getattr(run, each.name) for each in fields(run) if each.name != "when"}
    columns = {**values, "at": int(run.when.timestamp())}
    marks = ", ".join(f":{name}" for name in columns)
    with history.transaction():
        history.connection.execute(
            f"INSERT OR REPLACE INTO undecided ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - column names
            columns,
        )


def undecided_runs(history: History, wanted: RunFilter) -> list[UndecidedRun]:
    """What no run that counts has decided, at any time: also what the watcher could not check.

    Raises HistoryError.
    """
    known = {_key(run) for run in counted(history, replace(wanted, since=None))}
    where, values = conditions(replace(wanted, others=True))  # nobody else's are kept
    query = f"SELECT * FROM undecided{where}"  # noqa: S608 - only column names
    with translated(history.directory / DATABASE):
        rows = history.connection.execute(query, values).fetchall()
    found = {}
    for row in rows:
        data = {name: row[name] for name in row.keys() if name != "at"}  # noqa: SIM118 - a Row
        run = UndecidedRun(**data, when=moment(row["at"]))
        found[_key(run)] = run
    for item in history.waiting():
        if _was_tried(item) and _lets_through(wanted, item):
            found.setdefault(_key(item), _of_waiting(item))
    return [found[key] for key in sorted(found) if key not in known]


def _key(item: Run | UndecidedRun | Waiting) -> tuple[str, str, str, str]:
    return item.distro, item.package, item.architecture, item.version


def _was_tried(item: Waiting) -> bool:
    return item.job is JobKind.CHECK and item.tries > 0 and bool(item.version)


def _lets_through(wanted: RunFilter, item: Waiting) -> bool:
    names = ("distro", "package", "version", "architecture")
    same = all(getattr(wanted, name) in ("", getattr(item, name)) for name in names)
    return same and not wanted.release and (wanted.since is None or item.tried >= wanted.since)


def _of_waiting(item: Waiting) -> UndecidedRun:
    identity = item.distro, item.package, item.version, item.architecture
    command = f"samego check {item.spec}"
    return UndecidedRun(*identity, "", "", item.tried, None, command, item.message)
