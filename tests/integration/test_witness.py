"""A toy log before real witnesses, and what samego says of the checkpoints that they cosigned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.cli import Result, Samego
from support.inputs import Inputs
from support.sumdb_log import Key, Log
from support.sumdb_server import Database
from support.web import serve
from support.witness import Witness, witness
from support.witness_key import WitnessKey

pytestmark = pytest.mark.network

KEY = Key("sum.witness.test")
LOG = Log(300, KEY)
FORK = Log(300, KEY, fork_at=7)


@dataclass(frozen=True, slots=True)
class Place:
    """A log that is served to samego, and the witnesses that saw it grow."""

    samego: Samego
    directory: Path
    ann: Witness
    ben: Witness
    cosigned: bytes

    def asked(self, checkpoint: bytes, *quorum: str) -> Result:
        """What samego says of a checkpoint; ``quorum`` are the last lines of the policy."""
        names = {"ann": self.ann.key, "ben": self.ben.key, "eve": WitnessKey.ed25519("eve.test")}
        lines = [f"witness {name} {key.vkey}" for name, key in names.items()]
        (self.directory / "policy").write_text(
            "\n".join([f"log {KEY.verifier}", *lines, *quorum, ""])
        )
        (self.directory / "checkpoint").write_bytes(checkpoint)
        words = ("upstream", "checkpoint", "-q", "checkpoint", "--policy", "policy")
        return self.samego(*words, cwd=self.directory)


@pytest.fixture(scope="module")
def place(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    program = inputs.litewitness()
    directory = tmp_path_factory.mktemp("witness")
    for name in ("ann", "ben", "home"):
        (directory / name).mkdir()
    with (
        witness(program, "ann.test/witness", LOG, directory / "ann") as ann,
        witness(program, "ben.test/witness", LOG, directory / "ben") as ben,
        serve() as web,
    ):
        Database(web, LOG, size=290)
        samego = Samego(
            directory / "home",
            {"GOSUMDB": f"{KEY.verifier} {web.url}", "GOENV": "off", "SAMEGO_RECORD": "0"},
        )
        lines = b""
        for each in (ann, ben):
            first = each.add_checkpoint(LOG, 0, 200)
            assert first.status == 200, first.body
            grown = each.add_checkpoint(LOG, 200, 290)
            assert grown.status == 200, grown.body
            lines += grown.body
        yield Place(samego, directory, ann, ben, LOG.head(290) + lines)


def test_enough_witnesses_saw_it(place: Place) -> None:
    result = place.asked(place.cosigned, "group two 2 ann ben eve", "quorum two")
    assert result.status == 0, result.stderr
    assert "policy policy: met\n" in result.stdout
    for key in (place.ann.key, place.ben.key):
        assert f"({key.name}+{key.hash.hex()}) at 20" in result.stdout


def test_too_few_witnesses_saw_it(place: Place) -> None:
    alone = b"".join(place.cosigned.splitlines(keepends=True)[:-1])
    result = place.asked(alone, "group two 2 ann ben eve", "quorum two")
    assert result.status == 2
    assert "NOT met" in result.stdout
    assert place.asked(alone, "quorum ann").status == 0


def test_a_witness_that_the_policy_does_not_know_counts_for_nobody(place: Place) -> None:
    result = place.asked(place.cosigned, "quorum eve")
    assert result.status == 2
    assert "  not cosigned by eve (" in result.stdout


@pytest.mark.parametrize("line", [-1, -2])
def test_one_altered_byte_of_a_cosignature_refuses_the_checkpoint(place: Place, line: int) -> None:
    lines = place.cosigned.splitlines(keepends=True)
    at = len(lines[line]) - 40
    other = b"B" if lines[line][at : at + 1] == b"A" else b"A"
    lines[line] = lines[line][:at] + other + lines[line][at + 1 :]
    result = place.asked(b"".join(lines), "group any any ann ben", "quorum any")
    assert result.status == 2
    assert "does not carry a valid cosignature of" in result.stderr
    assert result.stdout == ""


def test_a_witness_cosigns_no_fork_and_nothing_without_proof(place: Place) -> None:
    """So its cosignature says what the policy takes it for."""
    latest = place.ann.add_checkpoint(LOG, 0, 290)
    assert (latest.status, latest.kind, latest.body) == (409, "text/x.tlog.size", b"290\n")
    assert place.ann.add_checkpoint(FORK, 290, 299).status == 422
    assert place.ann.add_checkpoint(FORK, 290, 290).status == 422
    assert place.ann.add_checkpoint(LOG, 290, 299, proof=[bytes(32)] * 4).status == 422
