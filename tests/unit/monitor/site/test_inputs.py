from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from samego.errors import InputError
from samego.monitor.history.forgetting import forget
from samego.monitor.history.inputs import inputs_runs, newest_of_each
from samego.monitor.history.store import History
from samego.monitor.site import places
from samego.monitor.site.build import write_site
from samego.monitor.site.inputs import tried_releases
from samego.monitor.site.pages import Site
from samego.system.progress import Silent
from support import inputs_results
from support.site_history import BEGIN, NASTY


def add(history: History, result: dict[str, Any], hours: int = 0, owner: str = "") -> bool:
    when = BEGIN + timedelta(hours=hours)
    return history.add_report(json.dumps(result).encode(), when, name="r.json", owner=owner)


def test_the_last_result_of_each_release_and_program_counts(history: History) -> None:
    add(history, inputs_results.leaking())
    add(history, inputs_results.good(), 1)
    add(history, {**inputs_results.leaking(), "program": "cmd/gofmt"}, 2)
    assert [run.program for run in newest_of_each(inputs_runs(history))] == ["", "cmd/gofmt"]
    gofmt, whole = tried_releases(history)
    assert (whole.name, whole.status.word, whole.varied) == ("go1.26.10", "the same bytes", 2)
    assert (gofmt.name, gofmt.status.word) == ("cmd/gofmt of go1.26.10", "differs")
    assert [row.name for row in whole.targets[0].unseen] == ["kernel"]
    assert [row.changes for row in gofmt.targets[0].seen] == [True, False]


def test_a_result_is_kept_once_and_found_by_its_digest(history: History) -> None:
    assert add(history, inputs_results.good())
    assert not add(history, inputs_results.good(), 1)
    (run,) = inputs_runs(history)
    assert history.find(run.digest[:10]) == run.digest
    assert json.loads(history.report(run.digest)) == inputs_results.good()


def test_a_result_cannot_be_removed_like_a_check(history: History) -> None:
    add(history, inputs_results.good())
    (run,) = inputs_runs(history)
    with pytest.raises(InputError, match=f"{run.digest[:12]} is no check"):
        forget(history, run.digest[:10], "a reason", BEGIN)


def test_what_others_handed_in_is_not_shown_until_it_is_ours(history: History) -> None:
    assert add(history, inputs_results.good(), owner="somebody")
    assert tried_releases(history) == ()
    add(history, inputs_results.good(), 1)
    assert len(tried_releases(history)) == 1


def test_the_site_has_a_page_of_all_and_one_of_each(tmp_path: Path, history: History) -> None:
    result = inputs_results.good()
    result["targets"][0]["variations"][0]["varied"] = NASTY
    add(history, result)
    write_site(history, tmp_path / "site", Site(), Silent())
    page = places.inputs("go1.26.10", "")
    listed = (tmp_path / "site" / places.INPUTS).read_text("utf-8")
    assert f'<a href="{page}">go1.26.10</a>' in listed
    assert "2 things" in listed
    text = (tmp_path / "site" / page).read_text("utf-8")
    assert "What decides the bytes of go1.26.10" in text
    assert "<strong>kernel</strong>: it is not Linux" in text
    assert "VERSION, bin/go" in text
    assert NASTY not in text
    (run,) = inputs_runs(history)
    assert (tmp_path / "site" / places.report_json(run.digest)).is_file()


def test_a_leak_is_in_bold(tmp_path: Path, history: History) -> None:
    add(history, inputs_results.leaking())
    write_site(history, tmp_path / "site", Site(), Silent())
    text = (tmp_path / "site" / places.inputs("go1.26.10", "")).read_text("utf-8")
    assert text.count("<strong>the bytes</strong>") == 1
    assert "What is changed: bin/go: in its build information" in text


def test_without_results_the_page_says_what_makes_them(tmp_path: Path, history: History) -> None:
    write_site(history, tmp_path / "site", Site(), Silent())
    assert "<code>samego inputs</code> does" in (tmp_path / "site" / places.INPUTS).read_text()
