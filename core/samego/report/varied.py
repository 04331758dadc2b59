"""What was varied around a build, as JSON and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from samego.model.varied import Varied
from samego.report.words import amount


def as_data(row: Varied) -> dict[str, Any]:
    """One variation as what JSON can say."""
    return {
        "name": row.name,
        "what": row.what,
        "plain": row.plain,
        "varied": row.other,
        "seen": not row.unseen,
        "not_varied_because": row.unseen or None,
    }


def counted_lines(rows: Sequence[Varied]) -> Iterator[str]:
    """Those that a probe saw, in one line, and one for each of the others; none without any."""
    seen = [row.name for row in rows if not row.unseen]
    if rows:
        yield f"{amount(len(seen), 'thing')} varied, as a probe saw: {', '.join(seen)}"
    yield from (f"not varied here: {row.name} ({row.unseen})" for row in rows if row.unseen)
