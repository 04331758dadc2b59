"""Opening, migrating and refusing databases."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from samego.errors import DiskFullError, HistoryError
from samego.model.proof import Standing
from samego.monitor.history import database
from samego.monitor.history.offers import current_offers
from samego.monitor.history.store import DATABASE, History, open_history

EARLIER = Path(__file__).parents[4] / "fixtures" / "history"
LATEST = len(database.migrations())


def version_of(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version


def schema_of(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql <> '' ORDER BY name")
    found = rows.fetchall()
    connection.close()
    return found


def test_there_is_a_database_of_each_earlier_version() -> None:
    assert [path.name for path in sorted(EARLIER.glob("*.sqlite3"))] == [
        f"version-{number}.sqlite3" for number in range(1, LATEST)
    ]


@pytest.mark.parametrize("number", range(1, LATEST))
def test_a_database_of_an_earlier_version_is_brought_to_this_one(
    directory: Path, tmp_path: Path, number: int
) -> None:
    directory.mkdir()
    path = directory / DATABASE
    shutil.copyfile(EARLIER / f"version-{number}.sqlite3", path)
    assert version_of(path) == number
    with open_history(directory) as history:
        runs = list(history.runs())
        (rebuild,) = history.rebuilds()
        # Version 2 is the first that knows them.
        held = int(number > 1)
        assert (len(current_offers(history)), len(history.waiting())) == (held, held)
    assert [(run.package, run.version, run.verdict) for run in runs] == [
        ("golang-1.24", "1.24.4-1", Standing.UNPROVEN),
        ("golang-1.27", "1.27.3-1", Standing.UNEXPLAINED),
    ]
    assert [len(run.breaking) for run in runs] == [0, 3]
    assert [run.reasons for run in runs] == [(), ()]
    assert (rebuild.release, [file.outcome for file in rebuild.files]) == (
        "go1.24.4",
        ["reproduced", "failed"],
    )
    assert version_of(path) == LATEST
    with open_history(tmp_path / "new"):
        pass
    assert schema_of(path) == schema_of(tmp_path / "new" / DATABASE)


def test_a_migration_that_fails_changes_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_history(directory):
        pass
    path = directory / DATABASE
    before = schema_of(path)
    scripts = (*database.migrations(), "CREATE TABLE more (a INTEGER);\nCREATE nonsense;\n")
    monkeypatch.setattr(database, "migrations", lambda: scripts)
    with pytest.raises(HistoryError, match="cannot be used"), open_history(directory):
        pass
    assert (schema_of(path), version_of(path)) == (before, LATEST)


def test_a_newer_database_is_refused_untouched(directory: Path) -> None:
    with open_history(directory) as history:
        history.connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    with pytest.raises(HistoryError, match=f"has version {LATEST + 1}"), open_history(directory):
        pass
    assert version_of(directory / DATABASE) == LATEST + 1


def test_a_database_of_something_else_is_refused_untouched(directory: Path) -> None:
    directory.mkdir()
    path = directory / DATABASE
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()
    with pytest.raises(HistoryError, match="another program's"), open_history(directory):
        pass
    assert [name for name, _sql in schema_of(path)] == ["song"]


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 40, b"\0" * 4096])
def test_what_is_no_database_is_refused(directory: Path, content: bytes) -> None:
    directory.mkdir()
    (directory / DATABASE).write_bytes(content)
    with pytest.raises(HistoryError), open_history(directory):
        pass
    assert (directory / DATABASE).read_bytes() == content


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be made"), open_history(tmp_path / "file/h"):
        pass


def test_a_full_disk_is_told_as_such(history: History) -> None:
    history.connection.execute("PRAGMA max_page_count = 1")

    def fill() -> None:
        with history.transaction():
            history.connection.execute("CREATE TABLE t AS SELECT zeroblob(1000000)")

    with pytest.raises(DiskFullError, match="no disk space is left"):
        fill()


def test_another_writer_is_waited_for(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with (
        open_history(directory) as first,
        open_history(directory) as second,
        first.transaction(),
        pytest.raises(HistoryError, match="in use by another process"),
        second.transaction(),
    ):
        raise AssertionError("both write")
