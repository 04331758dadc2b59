from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.cli.main import main
from samego.upstream.sumdb.fork import Fork
from samego.upstream.sumdb.note import Verifier
from support.sumdb_log import Key, Log
from support.sumdb_server import Database
from support.web import Web, serve

KEY = Key()
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A checksum database that GOSUMDB names, and a working directory and cache of its own."""
    with serve() as server:
        monkeypatch.setenv("GOSUMDB", f"{KEY.verifier} {server.url}")
        monkeypatch.setenv("SAMEGO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("SAMEGO_RECORD", "0")
        monkeypatch.setenv("SAMEGO_GODEV_URL", f"{server.url}/dl")
        monkeypatch.chdir(tmp_path)
        Database(server, LOG)
        Path("theirs.txt").write_bytes(LOG.head(280))
        Path("forked.txt").write_bytes(FORK.head(280))
        yield server


def run(*words: str) -> int:
    return main([*words, "-q"])


@pytest.mark.usefixtures("web")
def test_a_colleague_takes_what_one_writes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("upstream", "checkpoint") == 2
    assert "was verified here yet" in capsys.readouterr().err
    assert run("upstream", "checkpoint", "theirs.txt") == 0
    assert capsys.readouterr().out.startswith("consistent: theirs.txt is of the same history")
    assert run("upstream", "checkpoint", "-o", "mine.txt") == 0
    assert Path("mine.txt").read_bytes() == LOG.head(290)
    assert run("upstream", "checkpoint") == 0
    assert capsys.readouterr().out.encode() == LOG.head(290)
    assert run("upstream", "checkpoint", "mine.txt", "--cache", "others") == 0
    assert "is the newest checkpoint" in capsys.readouterr().out


@pytest.mark.usefixtures("web")
def test_the_proof_of_a_fork_is_one_for_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("upstream", "checkpoint", "forked.txt", "-o", "fork.txt") == 1
    said = capsys.readouterr().out
    for note in (LOG.head(290), FORK.head(280)):
        for line in note.decode().splitlines():
            assert line in said
    Fork.open(Path("fork.txt").read_bytes(), Verifier.parse(KEY.verifier))
    assert run("upstream", "checkpoint", "fork.txt", "--cache", "others", "--offline") == 1
    assert capsys.readouterr().out.startswith(f"FORK: {KEY.name}+")
    assert run("upstream", "checkpoint", "forked.txt", "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["decision"], told["older"]["size"], told["newer"]["size"]) == ("fork", 280, 290)
    assert told["older"]["note"].encode() == FORK.head(280)
    assert Path(told["proof"]).read_bytes() == Path("fork.txt").read_bytes()


@pytest.mark.usefixtures("web")
def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("upstream", "checkpoint", "theirs.txt", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["decision"], told["relation"]) == ("consistent", "beginning")
    assert (told["own"]["size"], told["seen"]["size"]) == (290, 280)
    assert run("upstream", "checkpoint", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["own"]["note"].encode() == LOG.head(290)


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("upstream", "verify", "theirs.txt"), id="upstream verify"),
        pytest.param(("check", "."), id="check"),
        pytest.param(("check", "--all"), id="check --all"),
    ],
)
@pytest.mark.parametrize("seen", ["forked.txt", "none.txt"])
def test_nothing_passes_beside_a_fork_or_what_is_no_checkpoint(
    words: tuple[str, ...], seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--checkpoint", seen) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert ("split view: " in err) is (seen == "forked.txt")


@pytest.mark.usefixtures("web")
def test_a_run_goes_on_beside_a_consistent_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstream", "verify", "theirs.txt", "--checkpoint", "theirs.txt"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("theirs.txt: cannot be decided")
    assert "theirs.txt, a checkpoint of 280 records, is of the same history as the log" in err
