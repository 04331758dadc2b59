"""Handing rebuilds over, against a stand-in for a daemon (the real one: integration tests)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samego.config import Config
from samego.model.release import Release
from samego.monitor.history import news, waiting
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.history.submitted import submitted
from samego.monitor.watch import submitting
from samego.monitor.watch.jobs import Where, of_release
from samego.monitor.watch.poll import PollResult
from samego.system.progress import Silent
from support.godev_server import GoDev, file_row, release_row
from support.godev_server import serve as serve_godev
from support.watch_docs import assert_documented
from support.web import Web, body, serve

NOW = moment(1_764_000_000)
NAMES = ("go1.24.4.linux-amd64.tar.gz", "go1.24.4.windows-amd64.zip")
SORTED = "limit=1000&sort=id&direction=Ascending"
ALL = f"{SORTED}&distribution=go"


@pytest.fixture(autouse=True)
def documented(history: History) -> Iterator[None]:
    yield
    assert_documented(history)


@pytest.fixture(autouse=True)
def rebuildctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that takes every report."""
    script = tmp_path / "bin/rebuildctl"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\ncat >/dev/null\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")


@pytest.fixture
def daemon() -> Iterator[Web]:
    with serve() as web:
        web.routes["/api/v1/dashboard"] = answer({"jobs": {}})
        group = f"{SORTED}&distribution=go&release=go1.24&architecture=amd64"
        web.routes[f"/api/v1/packages/binary?{group}"] = answer({"records": []})
        yield web


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with serve_godev(GoDev()) as godev:
        rows = [file_row(name, b"x") for name in NAMES]
        godev.set_index(release_row("go1.24.4", *rows))
        yield Config(godev_url=f"{godev.url}/dl", cache_directory=tmp_path_factory.mktemp("c"))


def answer(data: Any) -> Any:  # noqa: ANN401 - any JSON, as a route
    return body(json.dumps(data).encode(), kind="application/json")


def states(daemon: Web, *given: str | None) -> None:
    names = ("go.linux-amd64", "go.windows-amd64")
    records = [
        {"id": number, "name": name, "version": "1.24.4", "status": state, "build_id": number}
        for number, (name, state) in enumerate(zip(names, given, strict=True))
    ]
    daemon.routes[f"/api/v1/packages/binary?{ALL}"] = answer({"records": records})
    daemon.routes[f"/api/v1/packages/source?{ALL}"] = answer({"records": []})


def over(history: History, config: Config, endpoint: str) -> int:
    row = of_release(Release.parse("go1.24.4"), Where.REBUILDERD, NOW)
    with history.transaction():
        waiting.enqueue(history, [row])
    return submitting.submit(history.waiting(), config, history, NOW, endpoint, Silent())


def poll(history: History, config: Config) -> list[tuple[str, bool]]:
    before, polled = news.last_number(history), PollResult()
    submitting.poll(config, history, NOW, Silent(), polled)
    assert polled.failed == []
    return [(item.sentence, item.bad) for item in news.since(history, before)]


def test_a_release_is_handed_over_once_and_its_end_is_news(
    history: History, config: Config, daemon: Web
) -> None:
    assert over(history, config, daemon.url) == 1
    assert history.waiting() == []
    assert [(each.name, each.state) for each in submitted(history)] == [
        ("go.linux-amd64", "UNKWN"),
        ("go.windows-amd64", "UNKWN"),
    ]
    states(daemon, None, None)
    assert poll(history, config) == []
    states(daemon, "GOOD", None)
    assert poll(history, config) == [("rebuilderd calls go.linux-amd64 of go1.24.4 GOOD", False)]
    assert poll(history, config) == []
    states(daemon, "GOOD", "BAD")
    assert poll(history, config) == [("rebuilderd calls go.windows-amd64 of go1.24.4 BAD", True)]
    states(daemon, "BAD", "BAD")
    assert poll(history, config) == [("rebuilderd calls go.linux-amd64 of go1.24.4 BAD", True)]
    item = news.not_notified(history)[0]
    assert item.about["archives"] == ["go.windows-amd64"]
    assert (item.about["where"], item.about["verdict"]) == (daemon.url, "BAD")


def test_a_daemon_that_is_not_there_is_tried_again(history: History, config: Config) -> None:
    assert over(history, config, "http://127.0.0.1:9") == 0
    (row,) = history.waiting()
    assert row.tries == 1
    assert row.message.startswith("cannot reach rebuilderd: ")
    assert submitted(history) == []


def test_a_daemon_that_went_away_is_told_and_nothing_is_forgotten(
    history: History, config: Config, daemon: Web
) -> None:
    over(history, config, daemon.url)
    daemon.routes["/api/v1/dashboard"] = body(b"", status=502)
    polled = PollResult()
    submitting.poll(config, history, NOW, Silent(), polled)
    assert [name for name, _why in polled.failed] == [f"rebuilderd at {daemon.url}"]
    assert len(submitted(history)) == 2
