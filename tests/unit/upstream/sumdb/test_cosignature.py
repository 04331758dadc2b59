from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa

from samego.errors import ConfigError, VerificationError
from samego.upstream.sumdb.cosignature import (
    ED25519,
    ML_DSA_44,
    Cosigned,
    Cosigner,
    Unchecked,
    cosignatures,
)
from support.sumdb_log import Key, Log
from support.witness_key import TIME, WitnessKey

FIXTURES = Path(__file__).parents[4] / "fixtures" / "cosignature"
LATER = TIME + 3600
HEAD = Log(40).head()
OLD = WitnessKey.ed25519("witness.example/old")
NEW = WitnessKey.ml_dsa("witness.example/new")
BOTH = pytest.mark.parametrize("key", [OLD, NEW], ids=["Ed25519", "ML-DSA-44"])


def found(
    note: bytes, *keys: WitnessKey, latest: int = LATER
) -> dict[str, tuple[int, Unchecked | None]]:
    cosigners = [Cosigner.parse(key.vkey) for key in keys]
    known = {(each.name, each.key_hash): each for each in cosigners}
    cosigned = cosignatures(note, known, latest)
    return {key.name: (each.time, each.unchecked) for key, each in cosigned.items()}


def test_torchwoods_cosignatures_are_checked() -> None:
    """Made by filippo.io/torchwood v0.10.0 of a checkpoint of sum.golang.org."""
    keys = [Cosigner.parse(text) for text in (FIXTURES / "vkeys").read_text().split()]
    note = (FIXTURES / "checkpoint").read_bytes()
    known = {(key.name, key.key_hash): key for key in keys}
    cosigned = cosignatures(note, known, 2**62)
    assert [key.algorithm for key in cosigned] == [ED25519, ML_DSA_44]
    assert all(each.counts for each in cosigned.values())
    for line in range(5, 7):
        lines = note.splitlines(keepends=True)
        # A letter in the middle of the base64: neither time nor padding.
        middle = len(lines[line]) // 2
        swapped = b"A" if lines[line][middle : middle + 1] != b"A" else b"B"
        lines[line] = lines[line][:middle] + swapped + lines[line][middle + 1 :]
        with pytest.raises(VerificationError, match="valid cosignature of"):
            cosignatures(b"".join(lines), known, 2**62)


@BOTH
def test_a_witnesss_cosignature_counts(key: WitnessKey) -> None:
    assert found(key.cosign(HEAD), key) == {key.name: (TIME, None)}


def test_several_kinds_stand_together_in_any_order() -> None:
    both = NEW.cosign(OLD.cosign(HEAD))
    assert found(both, OLD, NEW) == {OLD.name: (TIME, None), NEW.name: (TIME, None)}
    assert found(OLD.cosign(NEW.cosign(HEAD)), OLD, NEW) == found(both, OLD, NEW)


def test_unknown_witnesses_are_passed_over() -> None:
    other = WitnessKey.ed25519(OLD.name)
    assert found(other.cosign(NEW.cosign(HEAD)), OLD) == {}
    assert found(HEAD, OLD, NEW) == {}


@BOTH
def test_every_changed_byte_is_refused(key: WitnessKey) -> None:
    signature = key.signature(HEAD)
    places = [*range(0, len(signature), 97), len(signature) - 1]
    for place in places:
        changed = bytearray(signature)
        changed[place] ^= 1
        with pytest.raises(VerificationError, match=f"valid cosignature of {key.name}"):
            found(HEAD + key.line(TIME, bytes(changed)), key)
    for line in (
        key.line(TIME + 1, signature),
        key.line(TIME, signature[:-1]),
        key.line(TIME, signature + b"x"),
        key.line(2**63, signature),
    ):
        with pytest.raises(VerificationError, match="valid cosignature of"):
            found(HEAD + line, key)


@BOTH
def test_a_cosignature_is_of_one_checkpoint(key: WitnessKey) -> None:
    line = key.cosign(HEAD)[len(HEAD) :]
    for other in (Log(39).head(), Log(40, fork_at=2).head()):
        with pytest.raises(VerificationError, match="valid cosignature of"):
            found(other + line, key)


def test_the_name_is_part_of_what_ml_dsa_signs() -> None:
    renamed = WitnessKey("witness.example/renamed", NEW.secret)
    line = renamed.line(TIME, NEW.signature(HEAD))
    with pytest.raises(VerificationError, match="valid cosignature of"):
        found(HEAD + line, renamed)


@BOTH
def test_of_several_of_one_key_the_first_counts(key: WitnessKey) -> None:
    twice = key.cosign(key.cosign(HEAD, TIME - 5))
    assert found(twice, key) == {key.name: (TIME - 5, None)}


@BOTH
def test_a_time_in_the_future_does_not_count(key: WitnessKey) -> None:
    assert found(key.cosign(HEAD, LATER), key) == {key.name: (LATER, None)}
    late = found(key.cosign(HEAD, LATER + 1), key)
    assert late == {key.name: (LATER + 1, Unchecked.FUTURE)}
    assert found(key.cosign(HEAD, 2**63 - 1), key)[key.name][1] is Unchecked.FUTURE


@BOTH
def test_a_cosignature_without_a_time_does_not_count(key: WitnessKey) -> None:
    assert found(key.cosign(HEAD, 0), key) == {key.name: (0, Unchecked.NO_TIME)}


def test_ml_dsa_does_not_cover_a_checkpoints_further_lines() -> None:
    key = Key()
    text = HEAD.partition(b"\n\n")[0].decode() + "\nmore\n"
    assert found(NEW.cosign(key.note(text)), NEW) == {NEW.name: (TIME, Unchecked.MORE_LINES)}
    assert found(OLD.cosign(key.note(text)), OLD) == {OLD.name: (TIME, None)}


def test_what_cannot_be_checked_never_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's python3-cryptography has no ML-DSA; one without OpenSSL 3.5 refuses each key."""
    module = "cryptography.hazmat.primitives.asymmetric.mldsa"
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr("cryptography.hazmat.primitives.asymmetric.mldsa")
    unable = {OLD.name: (TIME, None), NEW.name: (TIME, Unchecked.NO_ML_DSA)}
    assert found(NEW.cosign(OLD.cosign(HEAD)), OLD, NEW) == unable
    assert not Cosigned(TIME, Unchecked.NO_ML_DSA).counts


def test_a_library_that_was_built_without_ml_dsa_checks_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: bytes) -> None:
        raise UnsupportedAlgorithm("ML-DSA-44")

    monkeypatch.setattr(mldsa.MLDSA44PublicKey, "from_public_bytes", refuse)
    assert found(NEW.cosign(HEAD), NEW) == {NEW.name: (TIME, Unchecked.NO_ML_DSA)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(Key("log.example").verifier, "not that of a witness", id="a log's key"),
        pytest.param(OLD.vkey[:-5] + "AAAA=", "does not have the hash", id="another hash"),
        pytest.param("name", "is malformed", id="no key"),
        pytest.param(WitnessKey.ed25519("n" * 256).vkey, "longer than 255 bytes", id="a long name"),
    ],
)
def test_other_keys_are_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Cosigner.parse(text)
