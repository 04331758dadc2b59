"""What upstream's channels post, and what became of it since it was first seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from samego.monitor.history.database import translated
from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, History


@dataclass(frozen=True, slots=True, order=True)
class PostedFile:
    """A file that a channel posts. ``sha256`` is empty where the channel gives none."""

    release: str
    file: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """How a channel's answer differs from the one before. ``first``: there was none.

    ``changed`` has each file with its sha256 from before. ``summed`` are files whose sum
    the channel did not give before.
    """

    first: bool
    posted: tuple[PostedFile, ...] = ()
    changed: tuple[tuple[PostedFile, str], ...] = ()
    withdrawn: tuple[PostedFile, ...] = ()
    summed: tuple[PostedFile, ...] = ()
    had: int = 0


@dataclass(frozen=True, slots=True)
class PostedState:
    """A change or a withdrawal that still holds and is not acknowledged."""

    channel: str
    file: PostedFile
    changed: bool
    since: datetime


def differences(history: History, channel: str, files: Iterable[PostedFile]) -> Differences:
    """Compare what a channel posts now with what it posted when it was last asked."""
    current, ended = _known(history, channel)
    now = {file.file: file for file in files}
    posted, changed, summed = [], [], []
    for file in now.values():
        before = current.get(file.file) or ended.get(file.file)
        if before is None or (file.file not in current and before.sha256 == file.sha256):
            posted.append(file)
        elif before.sha256 != file.sha256:
            if before.sha256:
                changed.append((file, before.sha256))
            else:
                summed.append(file)
    gone = [file for name, file in current.items() if name not in now]
    return Differences(
        first=not current and not ended,
        posted=tuple(sorted(posted)),
        changed=tuple(sorted(changed)),
        withdrawn=tuple(sorted(gone)),
        summed=tuple(sorted(summed)),
        had=len(current),
    )


def note(history: History, channel: str, found: Differences, when: datetime) -> None:
    """Write the differences down, within a transaction."""
    at = int(when.timestamp())
    others = [file for file, _before in found.changed] + list(found.summed)
    end = "UPDATE posted SET gone = ? WHERE channel = ? AND file = ? AND gone IS NULL"
    history.connection.executemany(
        end, [(at, channel, file.file) for file in (*others, *found.withdrawn)]
    )
    # A sum that came is no change to report.
    history.connection.executemany(
        "DELETE FROM posted WHERE channel = ? AND file = ? AND sha256 = ''",
        [(channel, file.file) for file in found.summed],
    )
    history.connection.executemany(
        "INSERT INTO posted (channel, file, sha256, release, since) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET gone = NULL, seen = NULL",
        [(channel, file.file, file.sha256, file.release, at) for file in (*found.posted, *others)],
    )


def standing(history: History) -> list[PostedState]:
    """What was changed or withdrawn, is so still, and was not acknowledged; oldest first."""
    query = (
        "SELECT *, EXISTS (SELECT 1 FROM posted AS other WHERE other.channel = posted.channel"
        " AND other.file = posted.file AND other.gone IS NULL) AS changed FROM posted"
        " WHERE gone IS NOT NULL AND seen IS NULL ORDER BY gone, channel, release, file"
    )
    with translated(history.directory / DATABASE):
        return [
            PostedState(
                row["channel"],
                PostedFile(row["release"], row["file"], row["sha256"]),
                bool(row["changed"]),
                moment(row["gone"]),
            )
            for row in history.connection.execute(query).fetchall()
        ]


def acknowledge(history: History, when: datetime) -> int:
    """Note that the user has seen all that stands; how many files that were."""
    with history.transaction():
        done = history.connection.execute(
            "UPDATE posted SET seen = ? WHERE gone IS NOT NULL AND seen IS NULL",
            (int(when.timestamp()),),
        )
    return done.rowcount


def releases(history: History, wanted: Callable[[str], bool]) -> list[str]:
    """The releases that channels post now, as far as they are wanted."""
    query = "SELECT DISTINCT release FROM posted WHERE gone IS NULL ORDER BY release"
    with translated(history.directory / DATABASE):
        rows = history.connection.execute(query).fetchall()
    return [row["release"] for row in rows if wanted(row["release"])]


def _known(history: History, channel: str) -> tuple[dict[str, PostedFile], dict[str, PostedFile]]:
    """The files that the channel posted last, and the last form of those it does no longer."""
    query = "SELECT * FROM posted WHERE channel = ? ORDER BY gone"
    with translated(history.directory / DATABASE):
        rows = history.connection.execute(query, (channel,)).fetchall()
    current: dict[str, PostedFile] = {}
    ended: dict[str, PostedFile] = {}
    for row in rows:
        file = PostedFile(row["release"], row["file"], row["sha256"])
        (current if row["gone"] is None else ended)[row["file"]] = file
    return current, ended
