"""What docs/watch.md says of the items of news."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from samego.monitor.history import news
from samego.monitor.history.store import History

_DOCS = Path(__file__).parents[2] / "docs/watch.md"
_WORD = re.compile(r"`([^`]+)`")


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table with this first heading."""
    text = _DOCS.read_text("utf-8")
    table = text[text.index(f"| {heading} |") :].partition("\n\n")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def common_keys() -> set[str]:
    """The keys that every item has."""
    return {row[0].strip("`") for row in _rows("key")}


def keys_by_kind() -> dict[str, list[set[str]]]:
    """The other keys of an item, by its kind: one set for each form that there is."""
    found = defaultdict(list)
    for kind, _when, keys in _rows("kind"):
        found[kind.strip("`")].append(set(_WORD.findall(keys)))
    return found


def assert_documented(history: History) -> None:
    """Every item of a history has the keys that the documentation gives it, and no other."""
    known = keys_by_kind()
    for item in news.since(history, 0):
        assert set(item.about) in known[item.kind.value], item
