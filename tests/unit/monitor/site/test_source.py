from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from samego.errors import InputError
from samego.monitor.history.forgetting import forget
from samego.monitor.history.source import newest_of_each_source, source_runs
from samego.monitor.history.store import History
from samego.monitor.history.text import source_lines
from samego.monitor.site import places
from samego.monitor.site.build import write_site
from samego.monitor.site.pages import Site
from samego.monitor.site.source import traced_sources
from samego.system.progress import Silent
from support import source_results
from support.site_history import BEGIN, NASTY


def add(history: History, result: dict[str, Any], hours: int = 0, owner: str = "") -> bool:
    when = BEGIN + timedelta(hours=hours)
    return history.add_report(json.dumps(result).encode(), when, name="r.json", owner=owner)


def test_the_last_result_of_each_source_counts(history: History) -> None:
    add(history, source_results.changed())
    add(history, source_results.good(), 1)
    other = source_results.changed()
    other["source"] = {**other["source"], "file": "golang.orig.tar.gz", "sha256": "b" * 64}
    add(history, other, 2)
    assert len(newest_of_each_source(source_runs(history))) == 2
    orig, posted = traced_sources(history)
    assert (posted.name, posted.status.word) == ("go1.24.4.src.tar.gz", "as stated")
    assert (posted.identical, posted.vendored, posted.number) == (3, 6, 2)
    assert (orig.name, orig.status.word) == ("golang.orig.tar.gz", "differs")
    assert orig.differing == (("src/vendor/golang.org/x/net/a.go", "content"),)
    assert [row.path for row in posted.opaque] == ["src/runtime/race/race_linux.syso"]
    assert "source: as stated" in source_lines(source_runs(history))[1]


def test_a_result_is_kept_once_and_cannot_be_removed_like_a_check(history: History) -> None:
    assert add(history, source_results.good())
    assert not add(history, source_results.good(), 1)
    (run,) = source_runs(history)
    assert history.find(run.digest[:10]) == run.digest
    with pytest.raises(InputError, match=f"{run.digest[:12]} is no check"):
        forget(history, run.digest[:10], "a reason", BEGIN)


def test_what_others_handed_in_is_not_shown_until_it_is_ours(history: History) -> None:
    assert add(history, source_results.good(), owner="somebody")
    assert traced_sources(history) == ()
    add(history, source_results.good(), 1)
    assert len(traced_sources(history)) == 1


def test_each_source_has_a_page_that_shows_what_differs(history: History, tmp_path: Path) -> None:
    result = source_results.changed()
    result["opaque"][0]["origins"][0]["text"] = NASTY
    add(history, result)
    write_site(history, tmp_path / "site", Site(), Silent())
    page = (tmp_path / "site" / places.source("go1.24.4", "a" * 64)).read_text("utf-8")
    assert "src/vendor/golang.org/x/net/a.go" in page
    assert NASTY not in page
    (run,) = source_runs(history)
    assert (tmp_path / "site" / places.report_json(run.digest)).is_file()
    overview = (tmp_path / "site" / places.SOURCES).read_text("utf-8")
    assert places.source("go1.24.4", "a" * 64) in overview


def test_without_any_the_page_says_how(history: History, tmp_path: Path) -> None:
    write_site(history, tmp_path / "site", Site(), Silent())
    assert "<code>samego source</code> does" in (tmp_path / "site" / places.SOURCES).read_text()
