from __future__ import annotations

import json
from pathlib import Path

import pytest

from samego.cli.main import main

KEYS = ("aaaa1111bbbb2222", "aaaa1111cccc3333", "dddd4444eeee5555")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for key in KEYS:
        place = tmp_path / "reference/built" / key
        (place / "files/bin").mkdir(parents=True)
        (place / "files/bin/go").write_bytes(bytes(2048))
        record = {
            "builder": "samego.reference/2",
            "kind": "quick",
            "release": "go1.24.4",
            "target": "linux-arm64",
            "sources": {"src/a.go": "0" * 64},
            "settings": {"GO386": "softfloat"},
            "environment": {"GOOS": "linux"},
            "toolchain": "go1.24.4.linux-amd64.tar.gz",
            "network": "none",
            "cpu": 170.5,
            "stages": 1,
            "other_generated": [],
        }
        (place / "reference.json").write_text(json.dumps(record), "utf-8")
    return tmp_path


def run(cache: Path, *arguments: str) -> int:
    return main(["--cache", str(cache), "cache", "builds", *arguments])


def test_every_reference_is_listed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (cache / "reference/built" / KEYS[2] / "reference.json").write_text("{", "utf-8")
    assert run(cache, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    what = "go1.24.4 linux-arm64  quick  1 sources of the package  2."
    assert lines[0].startswith(f"{KEYS[0]}  {what}")
    assert lines[2].startswith(f"{KEYS[2]}  damaged  2.0 Ki")
    assert len(lines) == 3


def test_without_references_the_list_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "list") == 0
    assert capsys.readouterr().out == ""


def test_a_reference_is_shown_by_the_start_of_its_key(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cache, "show", "dddd") == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["key"], data["release"], data["target"]) == (KEYS[2], "go1.24.4", "linux-arm64")
    assert data["environment"] == {"GOOS": "linux"}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("aaaa1111", "names 2 reference builds"),
        ("ffff", "names no reference builds"),
        ("", "names 3"),
    ],
)
def test_a_key_that_names_not_exactly_one_is_refused(
    cache: Path, capsys: pytest.CaptureFixture[str], key: str, said: str
) -> None:
    for action in ("show", "remove"):
        assert run(cache, action, key) == 2
        assert said in capsys.readouterr().err


def test_a_reference_is_removed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cache, "remove", "dddd4444", KEYS[0]) == 0
    assert capsys.readouterr().out.count("removed") == 2
    assert [path.name for path in (cache / "reference/built").iterdir()] == [KEYS[1]]
    assert run(cache, "remove", "all") == 0
    assert list((cache / "reference/built").iterdir()) == []


def test_a_damaged_reference_can_be_removed(cache: Path) -> None:
    (cache / "reference/built" / KEYS[2] / "reference.json").unlink()
    assert run(cache, "show", KEYS[2]) == 2
    assert run(cache, "remove", KEYS[2]) == 0
