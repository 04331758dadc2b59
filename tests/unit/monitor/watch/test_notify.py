"""Telling: at least once, the loudest first, and nobody waits for a command that hangs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.monitor.history import news
from samego.monitor.history.news import NewsKind
from samego.monitor.history.rows import moment
from samego.monitor.history.store import History
from samego.monitor.watch.notify import send, words

NOW = moment(1_764_000_000)


@pytest.fixture(autouse=True)
def three_items(history: History) -> None:
    with history.transaction():
        news.add(history, NewsKind.CHECKED, "a check", {"package": "go"}, when=NOW)
        news.add(history, NewsKind.WORSE, "worse\x1b[2J", {"package": "go"}, when=NOW, bad=True)
        news.add(history, NewsKind.CHANGED, "changed", {"release": "go1"}, when=NOW, bad=True)


def script(directory: Path, text: str) -> str:
    path = directory / "tell"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def objects(path: Path) -> list[dict[str, object]]:
    decoder, text, found = json.JSONDecoder(), path.read_text(), []
    while text.strip():
        item, end = decoder.raw_decode(text)
        found.append(item)
        text = text[end:].lstrip()
    return found


def test_each_item_is_told_once_the_loudest_first(history: History, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = (script(tmp_path, f"cat >> {out}"),)
    assert send(history, command).sent == 3
    notified = objects(out)
    assert [item["kind"] for item in notified] == ["changed", "worse", "checked"]
    assert notified[0] == {
        "schema": "samego.news/1",
        "id": 3,
        "kind": "changed",
        "at": "2025-11-24T16:00:00Z",
        "sentence": "changed",
        "bad": True,
        "release": "go1",
    }
    assert notified[1]["sentence"] == "worse\\x1b[2J"
    assert send(history, command).sent == 0
    assert len(objects(out)) == 3


def test_what_fails_is_told_in_the_next_pass_and_keeps_no_other_back(
    history: History, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    choosy = f"grep -q worse && {{ echo no >&2; exit 3; }}; echo >> {out}"
    done = send(history, (script(tmp_path, choosy),))
    assert done.sent == 2
    (failure,) = done.failures
    assert failure.startswith("worse 2: ")
    assert failure.endswith("tell ended with status 3: no")
    assert [item.kind for item in news.not_notified(history)] == [NewsKind.WORSE]
    assert send(history, (script(tmp_path, f"cat >> {out}"),)).sent == 1
    assert news.not_notified(history) == []


def test_a_command_that_hangs_is_ended_and_the_rest_waits(history: History, tmp_path: Path) -> None:
    began = time.monotonic()
    done = send(history, (script(tmp_path, "sleep 50 & sleep 50"),), patience=0.3)
    assert time.monotonic() - began < 10
    assert (done.sent, len(done.failures)) == (0, 1)
    assert "did not end within" in done.failures[0]
    assert len(news.not_notified(history)) == 3


def test_one_that_leaves_something_running_was_notified(history: History, tmp_path: Path) -> None:
    began = time.monotonic()
    assert send(history, (script(tmp_path, "sleep 5 &"),), patience=4).sent == 3
    assert time.monotonic() - began < 4


def test_one_that_does_not_read_was_notified(history: History) -> None:
    assert send(history, ("/bin/true",)).sent == 3


def test_one_that_cannot_be_started_is_tried_once(history: History, tmp_path: Path) -> None:
    done = send(history, (str(tmp_path / "none"),))
    assert (done.sent, len(done.failures)) == (0, 1)
    assert "cannot be run (No such file or directory)" in done.failures[0]


def test_no_shell_sees_the_command() -> None:
    assert words("/bin/mail -s 'a $b' me; rm") == ("/bin/mail", "-s", "a $b", "me;", "rm")
    for bad in ("'", " "):
        with pytest.raises(ConfigError):
            words(bad)
