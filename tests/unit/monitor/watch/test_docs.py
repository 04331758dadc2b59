"""docs/watch.md says what an item of news has (what each kind has: where it is made)."""

from __future__ import annotations

from samego.monitor.history import news
from samego.monitor.history.news import NewsKind
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from support.watch_docs import common_keys, keys_by_kind


def test_every_kind_has_a_row() -> None:
    assert set(keys_by_kind()) == {kind.value for kind in NewsKind}


def test_every_item_has_the_common_keys(history: History) -> None:
    with history.transaction():
        news.add(history, NewsKind.POSTED, "s", {}, when=moment(1))
    (item,) = news.not_notified(history)
    assert set(item.to_object()) == common_keys()
