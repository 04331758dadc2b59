from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa

from samego.cli.main import main
from samego.upstream.sumdb.fork import Fork
from samego.upstream.sumdb.note import Verifier
from support.sumdb_log import Key, Log
from support.sumdb_server import Database
from support.web import Web, serve
from support.witness_key import WitnessKey

KEY = Key()
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)
OLD = WitnessKey.ed25519("witness.example/old")
NEW = WitnessKey.ml_dsa("witness.example/new")
OTHER = WitnessKey.ed25519("witness.example/other")


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


@pytest.fixture
def cosigned(web: Web) -> Path:  # noqa: ARG001 - the database that the checkpoint is of
    """A checkpoint that two witnesses cosigned: with an older key and with a newer one."""
    path = Path("cosigned.txt")
    path.write_bytes(NEW.cosign(OLD.cosign(LOG.head(280))))
    return path


def policy(quorum: str) -> str:
    lines = [f"log {KEY.verifier}", f"witness old {OLD.vkey}", f"witness new {NEW.vkey}"]
    lines += [f"witness other {OTHER.vkey}", "group two 2 old new other"]
    Path("policy.txt").write_text("\n".join([*lines, f"quorum {quorum}", ""]))
    return "policy.txt"


def test_a_policy_asks_for_cosignatures(cosigned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("upstream", "checkpoint", str(cosigned), "--policy")
    assert run(*words, policy("two")) == 0
    said = capsys.readouterr().out
    assert "policy policy.txt: met\n" in said
    assert f"  cosigned by new ({NEW.name}+{NEW.hash.hex()}) at 2023-03-20T12:25:47Z\n" in said
    assert f"  not cosigned by other ({OTHER.name}+{OTHER.hash.hex()})\n" in said
    assert run(*words, policy("other")) == 2
    said = capsys.readouterr().out
    assert "NOT met: too few" in said
    assert said.startswith("consistent: ")
    assert run(*words, policy("other"), "--format", "json") == 2
    told = json.loads(capsys.readouterr().out)["policy"]
    assert (told["met"], told["decided"]) == (False, True)
    assert [row["counts"] for row in told["witnesses"]] == [True, True, False]


def test_what_cannot_be_checked_here_is_said(
    cosigned: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> None:
        raise UnsupportedAlgorithm("ML-DSA-44")

    monkeypatch.setattr(mldsa.MLDSA44PublicKey, "from_public_bytes", refuse)
    words = ("upstream", "checkpoint", str(cosigned), "--policy")
    assert run(*words, policy("two")) == 2
    said = capsys.readouterr().out
    assert "policy policy.txt: could not decide: cosignatures that it needs" in said
    assert "not counted: this Python's cryptography library has no ML-DSA-44\n" in said
    assert run(*words, policy("old")) == 0


def test_times_in_the_future_do_not_count(
    cosigned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far, farther = int(time.time()) + 7200, 2**63 - 1
    cosigned.write_bytes(NEW.cosign(OLD.cosign(LOG.head(280), far), farther))
    assert run("upstream", "checkpoint", str(cosigned), "--policy", policy("two")) == 2
    said = capsys.readouterr().out
    assert said.count("not counted: its time lies in the future") == 2
    assert f"at {farther} seconds after 1970" in said


def test_the_own_checkpoint_is_asked_for_cosignatures_too(
    cosigned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("upstream", "checkpoint", str(cosigned)) == 0
    capsys.readouterr()
    assert run("upstream", "checkpoint", "--policy", policy("none")) == 0
    out, err = capsys.readouterr()
    assert out.encode() == LOG.head(290)
    assert err.startswith("policy policy.txt: met\n  not cosigned by old")
    assert run("upstream", "checkpoint", "--policy", policy("two"), "-o", "mine.txt") == 2


@pytest.mark.parametrize("place", [300, -20, -4000])
def test_an_altered_cosignature_refuses_the_checkpoint(
    place: int, cosigned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = cosigned.read_bytes()
    swapped = b"A" if data[place : place + 1] != b"A" else b"B"
    at = place % len(data)
    cosigned.write_bytes(data[:at] + swapped + data[at + 1 :])
    assert run("upstream", "checkpoint", str(cosigned), "--policy", policy("two")) == 2
    out, err = capsys.readouterr()
    assert "met" not in out
    assert err.startswith("error: ")


def test_a_policy_for_another_log_is_refused(
    cosigned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("policy.txt").write_text(f"log {Key().verifier}\nquorum none\n")
    assert run("upstream", "checkpoint", str(cosigned), "--policy", "policy.txt") == 2
    assert "policy.txt names other logs than" in capsys.readouterr().err


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
@pytest.mark.parametrize(
    ("words", "then"),
    [
        pytest.param(
            ("upstream", "verify", "theirs.txt"), "theirs.txt: cannot be decided", id="verify"
        ),
        pytest.param(("check", "theirs.txt"), "error: ", id="check"),
    ],
)
def test_a_run_goes_on_beside_a_consistent_checkpoint(
    words: tuple[str, ...], then: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--checkpoint", "theirs.txt"]) == 2
    out, err = capsys.readouterr()
    assert "theirs.txt, a checkpoint of 280 records, is of the same history as the log" in err
    assert then in out + err
