"""The history's SQLite database: opening, migrating, and one writer at a time.

The schema's version is SQLite's ``user_version``; ``NNNN.sql`` beside this file brings a
database from version NNNN - 1 to NNNN. It is in WAL mode: readers see whole transactions
while another process writes, and what a killed process had begun is gone.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from samego.errors import DiskFullError, HistoryError
from samego.system.terminal import visible

#: "samg", which says that a database is one of these (SQLite's application_id).
APPLICATION = 0x73616D67
#: Seconds that a process waits for another one to end its transaction.
PATIENCE = 60.0

#: SQLite's result codes (sqlite3.h), and what its messages say of them.
_BUSY, _LOCKED, _FULL = 5, 6, 13
_IN_USE = (_BUSY, _LOCKED)
_WORDS = {_FULL: "full", _LOCKED: "locked"}


@functools.cache
def migrations() -> tuple[str, ...]:
    """The scripts in order: the first makes version 1 of an empty database."""
    scripts = [
        item for item in files("samego.monitor.history").iterdir() if item.name.endswith(".sql")
    ]
    return tuple(
        script.read_text("utf-8") for script in sorted(scripts, key=lambda item: item.name)
    )


@contextlib.contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, made or brought to this version where that is needed.

    One that cannot be written to can still be read. Raises HistoryError and DiskFullError.
    """
    with translated(path):
        connection = _connect(path)
    with contextlib.closing(connection):
        with translated(path):
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            _settle(connection, path)
        yield connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All or nothing; other writers wait. Raises HistoryError and DiskFullError.

    Within a transaction that the caller has begun it is a part of that one.
    """
    if connection.in_transaction:
        yield
        return
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
    try:
        with translated(path):
            yield
            connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code; Python 3.10 gives it in words only."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF
    # words: SQLite's own, where Python hides its code
    return next((number for number, words in _WORDS.items() if words in str(error)), 0)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into samego's. Raises HistoryError and DiskFullError."""
    try:
        yield
    except sqlite3.Error as error:
        name = visible(str(path))
        text = str(error)
        if _code_of(error) == _FULL:
            raise DiskFullError(
                f"no disk space is left for {name}", hint="free some space"
            ) from error
        if _code_of(error) in _IN_USE:
            raise HistoryError(
                f"{name} is in use by another process", hint="try again when that has ended"
            ) from error
        raise HistoryError(
            f"the history {name} cannot be used ({visible(text)})",
            hint="check that it is yours, or name another one with SAMEGO_HISTORY",
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _open(path.absolute().as_uri())
    except sqlite3.OperationalError:
        # A reader without the right to write there.
        if not path.is_file():
            raise
        name = f"{path.absolute().as_uri()}?mode=ro"
        alone = not path.with_name(f"{path.name}-wal").exists()
        return _open(f"{name}&immutable=1" if alone else name)


def _open(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA user_version").fetchone()
        if "mode=ro" not in uri:
            connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _settle(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database to this version. Two processes at once do it once."""
    latest = len(migrations())
    if _version(connection, path) == latest:
        return
    with transaction(connection, path):
        version = _version(connection, path)
        for script in migrations()[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {latest}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The database's version. Raises HistoryError for one of something else, or newer."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION and (application, version, tables) != (0, 0, 0):
        raise HistoryError(
            f"{visible(str(path))} is another program's database",
            hint="name another directory for the history",
        )
    if version > len(migrations()):
        raise HistoryError(
            f"{visible(str(path))} has version {version}; this samego knows up to"
            f" {len(migrations())}",
            hint="use the samego that wrote it, or a newer one",
        )
    return version


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: executescript would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
