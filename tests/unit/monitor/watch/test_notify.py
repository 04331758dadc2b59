"""Telling: at least once, the loudest first, and nobody waits for a command that hangs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.monitor.history import news
from samego.monitor.history.news import NewsKind
from samego.monitor.history.store import History, moment
from samego.monitor.watch.notify import tell, words

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
    assert tell(history, command).told == 3
    told = objects(out)
    assert [item["kind"] for item in told] == ["changed", "worse", "checked"]
    assert told[0] == {
        "schema": "samego.news/1",
        "id": 3,
        "kind": "changed",
        "at": "2025-11-24T16:00:00Z",
        "sentence": "changed",
        "bad": True,
        "release": "go1",
    }
    assert told[1]["sentence"] == "worse\\x1b[2J"
    assert tell(history, command).told == 0
    assert len(objects(out)) == 3


def test_what_fails_is_told_in_the_next_pass_and_keeps_no_other_back(
    history: History, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    choosy = f"grep -q worse && {{ echo no >&2; exit 3; }}; echo >> {out}"
    done = tell(history, (script(tmp_path, choosy),))
    assert done.told == 2
    (failure,) = done.failures
    assert failure.startswith("worse 2: ")
    assert failure.endswith("tell ended with status 3: no")
    assert [item.kind for item in news.untold(history)] == [NewsKind.WORSE]
    assert tell(history, (script(tmp_path, f"cat >> {out}"),)).told == 1
    assert news.untold(history) == []


def test_a_command_that_hangs_is_ended_and_the_rest_waits(history: History, tmp_path: Path) -> None:
    began = time.monotonic()
    done = tell(history, (script(tmp_path, "sleep 50 & sleep 50"),), patience=0.3)
    assert time.monotonic() - began < 10
    assert (done.told, len(done.failures)) == (0, 1)
    assert "did not end within" in done.failures[0]
    assert len(news.untold(history)) == 3


def test_one_that_leaves_something_running_has_samego_error(
    history: History, tmp_path: Path
) -> None:
    began = time.monotonic()
    assert tell(history, (script(tmp_path, "sleep 5 &"),), patience=4).told == 3
    assert time.monotonic() - began < 4


def test_one_that_does_not_read_has_samego_error(history: History) -> None:
    assert tell(history, ("/bin/true",)).told == 3


def test_one_that_cannot_be_started_is_tried_once(history: History, tmp_path: Path) -> None:
    done = tell(history, (str(tmp_path / "none"),))
    assert (done.told, len(done.failures)) == (0, 1)
    assert "cannot be run (No such file or directory)" in done.failures[0]


def test_no_shell_sees_the_command() -> None:
    assert words("/bin/mail -s 'a $b' me; rm") == ("/bin/mail", "-s", "a $b", "me;", "rm")
    for bad in ("'", " "):
        with pytest.raises(ConfigError):
            words(bad)
