"""A log proof as a file: what each of its lines must be, and what is said of one that is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.errors import VerificationError
from samego.upstream.sumdb.encoding import encode64
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.proof import MAX_PROOF, LogProof, parse_proof
from support.sumdb_log import Key, Log, path

KEY = Key()
VERIFIER = Verifier.parse(KEY.verifier)
LOG = Log(7, KEY)
HASHES = tuple(path(4, LOG.leaves))
PROOF = LogProof(4, HASHES, LOG.head())
TEXT = PROOF.encode().decode()


def test_the_text_is_that_of_the_specification() -> None:
    lines = ["c2sp.org/tlog-proof@v1", "index 4", *map(encode64, HASHES), "", LOG.head().decode()]
    assert "\n".join(lines) == TEXT
    assert parse_proof(TEXT.encode()) == PROOF
    assert PROOF.check(LOG.texts[4], VERIFIER).size == 7


def test_extra_data_has_a_line_of_its_own_and_says_nothing() -> None:
    proof = replace(PROOF, extra=b"more")
    assert proof.encode().decode().split("\n")[1] == "extra bW9yZQ=="
    assert parse_proof(proof.encode()) == proof
    assert proof.check(LOG.texts[4], VERIFIER).size == 7
    assert parse_proof(replace(PROOF, extra=b"").encode()).extra == b""


def test_the_only_record_of_a_log_needs_no_hashes() -> None:
    log = Log(1, KEY)
    proof = parse_proof(LogProof(0, (), log.head()).encode())
    assert proof.check(log.texts[0], VERIFIER).size == 1


def test_a_note_keeps_the_signatures_of_others() -> None:
    note = PROOF.note + Key("witness.test").line("another text\n").encode()
    proof = parse_proof(replace(PROOF, note=note).encode())
    assert proof.note == note
    assert proof.check(LOG.texts[4], VERIFIER).size == 7


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("tlog-proof@v1", "tlog-proof@v2", "its first line is not c2sp.org/tlog-proof@v1"),
        ("index 4", "index 04", "line 2 does not state the record's index"),
        ("index 4", "index +4", "line 2 does not state"),
        ("index 4", "index 9223372036854775808", "line 2 does not state"),
        ("index 4", "4", "line 2 does not state"),
        ("index 4", "extra bW9yZR==\nindex 4", "line 2 has extra data that is not base64"),
        ("index 4", "extra bW9yZQ==\nindex x", "line 3 does not state"),
        ("index 4", "index 4\nbW9yZQ==", "line 3 is not the base64 of a hash"),
        ("index 4", "index 4\r", "line 2 does not state"),
        ("index 4", "ind\u00e9x 4", "it is not ASCII above the signed note"),
        ("index 4", "index 4" + "\n" + "\n".join([encode64(bytes(32))] * 61), "more than 63"),
        ("\n\n", "\n", "line 6 is not the base64 of a hash"),
        (LOG.head().decode(), "", "it has no empty line with a signed note below"),
        ("c2sp.org/", " " * MAX_PROOF, "it is too long"),
    ],
)
def test_another_spelling_is_not_read(old: str, new: str, why: str) -> None:
    with pytest.raises(VerificationError, match=r"^the log proof is malformed: ") as caught:
        parse_proof(TEXT.replace(old, new, 1).encode())
    assert why in caught.value.message


def test_what_is_said_of_a_proof_that_does_not_hold() -> None:
    with pytest.raises(VerificationError) as caught:
        PROOF.check(LOG.texts[5], VERIFIER)
    assert caught.value.message == (
        "the log proof does not show that record 4 of sum.example.test is"
        f" '{LOG.texts[5].decode().splitlines()[0]}'"
    )
    other = Verifier.parse(Key().verifier)
    with pytest.raises(VerificationError) as caught:
        PROOF.check(LOG.texts[4], other)
    assert caught.value.message == (
        f"in the log proof, the signed note carries no signature of {other.short}"
    )
    assert str(other) in caught.value.hint
    assert PROOF.signed_tree([other, VERIFIER]).size == 7
