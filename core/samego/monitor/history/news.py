"""News: written together with its subject, and kept until the user was notified.

An item is an object as ``samego watch --notify`` passes it on (docs/watch.md): ``schema``,
``id``, ``kind``, ``at``, ``sentence``, and what it is about.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samego.monitor.history.database import translated
from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, History
from samego.system.terminal import visible

SCHEMA = "samego.news/1"


class NewsKind(enum.Enum):
    """What an item is, the loudest first."""

    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    WORSE = "worse"
    BETTER = "better"
    REBUILT = "rebuilt"
    POSTED = "posted"
    CHECKED = "checked"
    WAITING = "waiting"

    @property
    def loud(self) -> bool:
        """Whether upstream changed or withdrew what it had posted."""
        return self in (NewsKind.CHANGED, NewsKind.WITHDRAWN)

    @property
    def rank(self) -> int:
        """0 for the loudest."""
        return list(NewsKind).index(self)


@dataclass(frozen=True, slots=True)
class News:
    """One item. ``about`` is what it holds beside its sentence. ``bad`` makes a pass end with 1."""

    number: int
    when: datetime
    kind: NewsKind
    sentence: str
    about: Mapping[str, Any]
    bad: bool

    def to_object(self) -> dict[str, Any]:
        """As it is passed on."""
        return {
            "schema": SCHEMA,
            "id": self.number,
            "kind": self.kind.value,
            "at": self.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sentence": self.sentence,
            "bad": self.bad,
            **self.about,
        }


def add(
    history: History,
    kind: NewsKind,
    sentence: str,
    about: Mapping[str, Any],
    *,
    when: datetime,
    bad: bool = False,
) -> None:
    """Add an item, within the transaction that writes what it is about."""
    data = {"sentence": visible(sentence), "bad": bad, "about": dict(about)}
    history.connection.execute(
        "INSERT INTO news (at, kind, data) VALUES (?, ?, ?)",
        (int(when.timestamp()), kind.value, json.dumps(data)),
    )


def last_number(history: History) -> int:
    """The number of the newest item; 0 without one."""
    with translated(history.directory / DATABASE):
        row = history.connection.execute("SELECT coalesce(max(id), 0) FROM news").fetchone()
    number: int = row[0]
    return number


def since(history: History, number: int) -> list[News]:
    """The items after that number, the loudest first."""
    return _select(history, "id > ?", number)


def not_notified(history: History) -> list[News]:
    """The items without a notification, the most important first."""
    return _select(history, "told IS NULL AND id > ?", 0)


def mark_notified(history: History, item: News, when: datetime) -> None:
    """Record that the user was notified of an item."""
    with history.transaction():
        history.connection.execute(
            "UPDATE news SET told = ? WHERE id = ?", (int(when.timestamp()), item.number)
        )


def _select(history: History, condition: str, number: int) -> list[News]:
    query = f"SELECT id, at, kind, data FROM news WHERE {condition} ORDER BY id"  # noqa: S608 - one of two
    with translated(history.directory / DATABASE):
        rows = history.connection.execute(query, (number,)).fetchall()
    items = []
    for row in rows:
        data = json.loads(row["data"])
        items.append(
            News(
                row["id"],
                moment(row["at"]),
                NewsKind(row["kind"]),
                data["sentence"],
                data["about"],
                data["bad"],
            )
        )
    return sorted(items, key=lambda item: (not item.bad, item.kind.rank, item.number))
