from __future__ import annotations

import json
from pathlib import Path

import pytest

from samego.cli.main import main

KEYS = ("aaaa1111", "aaaa2222", "dddd4444")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for key in KEYS:
        place = tmp_path / "inputs/experiments" / key
        place.mkdir(parents=True)
        (place / "program").write_bytes(bytes(2048))
        record = {"what": "cmd/gofmt of go1.24.4 for linux-amd64, plain"}
        (place / "experiment.json").write_text(json.dumps(record), "utf-8")
    return tmp_path


def run(cache: Path, *arguments: str) -> int:
    return main(["--cache", str(cache), "cache", *arguments])


def test_every_build_is_listed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (cache / "inputs/experiments" / KEYS[2] / "experiment.json").write_text("{", "utf-8")
    assert run(cache, "inputs") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{KEYS[0]}  cmd/gofmt of go1.24.4 for linux-amd64, plain  2.")
    assert lines[2] == f"{KEYS[2]}  damaged  2.0 KiB"
    assert len(lines) == 3


def test_without_builds_the_list_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "inputs", "list") == 0
    assert capsys.readouterr().out == ""


def test_a_build_is_removed_by_the_start_of_its_key(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cache, "inputs", "remove", "d", "dddd") == 0
    assert capsys.readouterr().out.count("removed dddd4444") == 1
    assert sorted(path.name for path in (cache / "inputs/experiments").iterdir()) == [*KEYS[:2]]


@pytest.mark.parametrize("key", ["aaaa", "eeee", ""])
def test_a_key_that_is_not_one_build_s_is_refused(
    cache: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    assert run(cache, "inputs", "remove", key) == 2
    assert "hint: see 'samego cache inputs'" in capsys.readouterr().err
    assert len(list((cache / "inputs/experiments").iterdir())) == 3


def test_all_are_removed_and_the_whole_cache_shows_their_size(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cache, "show") == 0
    assert "inputs     6." in capsys.readouterr().out
    assert run(cache, "inputs", "remove", "all") == 0
    assert not list((cache / "inputs/experiments").iterdir())
