"""Log proofs as files: one spelling, and not a bit may change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samego.errors import VerificationError
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.proof import LogProof, parse_proof
from support.sumdb_log import Key, Log, path

KEY = Key()
VERIFIER = Verifier.parse(KEY.verifier)
LOGS = {size: Log(size, KEY) for size in range(1, 24)}
#: A busy machine is no failure.
UNHURRIED = settings(deadline=None)


def proof_of(size: int, index: int) -> tuple[bytes, LogProof]:
    """A record of a made-up log, and the proof of it."""
    log = LOGS[size]
    hashes = tuple(path(index, log.leaves))
    return log.texts[index], LogProof(index, hashes, log.head())


PROOFS = st.sampled_from(sorted(LOGS)).flatmap(
    lambda size: st.builds(proof_of, st.just(size), st.integers(0, size - 1))
)


@UNHURRIED
@given(given_=PROOFS, extra=st.none() | st.binary(max_size=40))
def test_what_is_written_is_read_and_holds(
    given_: tuple[bytes, LogProof], extra: bytes | None
) -> None:
    record, plain = given_
    proof = replace(plain, extra=extra)
    read = parse_proof(proof.encode())
    assert read == proof
    assert read.encode() == proof.encode()
    assert read.check(record, VERIFIER).size == size_of(proof)


def size_of(proof: LogProof) -> int:
    """The size that the note states."""
    return int(proof.note.split(b"\n")[1])


def refused(data: bytes, record: bytes) -> bool:
    """Whether these bytes are no proof of the record."""
    try:
        parse_proof(data).check(record, VERIFIER)
    except VerificationError:
        return True
    return False


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (7, 6), (23, 11)])
def test_every_single_bit_counts(size: int, index: int) -> None:
    record, proof = proof_of(size, index)
    data = proof.encode()
    assert not refused(data, record)
    for place in range(len(data) * 8):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        assert refused(bytes(changed), record), place


@UNHURRIED
@given(given_=PROOFS, data=st.data())
def test_a_byte_more_less_or_twice_is_refused(
    given_: tuple[bytes, LogProof], data: st.DataObject
) -> None:
    record, proof = given_
    text = proof.encode()
    place = data.draw(st.integers(0, len(text) - 1))
    more = data.draw(st.binary(min_size=1, max_size=2))
    assert refused(text[:place] + text[place + 1 :], record) or text[place:] == text[place + 1 :]
    assert refused(text[:place] + more + text[place:], record)
    assert refused(text + more, record)


@UNHURRIED
@given(given_=PROOFS, other=PROOFS, data=st.data())
def test_a_proof_is_of_one_record_place_tree_and_key(
    given_: tuple[bytes, LogProof], other: tuple[bytes, LogProof], data: st.DataObject
) -> None:
    record, proof = given_
    wrong = [
        replace(proof, index=proof.index + 1),
        replace(proof, hashes=(*proof.hashes, bytes(32))),
        replace(proof, note=Log(size_of(proof), Key()).head()),
        replace(proof, note=Log(size_of(proof), KEY, fork_at=proof.index).head()),
    ]
    if proof.index:
        wrong.append(replace(proof, index=proof.index - 1))
    if proof.hashes:
        place = data.draw(st.integers(0, len(proof.hashes) - 1))
        wrong.append(replace(proof, hashes=(*proof.hashes[:place], *proof.hashes[place + 1 :])))
    if len(proof.hashes) > 1:
        wrong.append(replace(proof, hashes=proof.hashes[::-1]))
    if other[0] != record:
        assert refused(proof.encode(), other[0])
    assert all(refused(each.encode(), record) for each in wrong)


@UNHURRIED
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_proof(data).check(b"", VERIFIER)
    with pytest.raises(VerificationError):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + data).check(b"", VERIFIER)
