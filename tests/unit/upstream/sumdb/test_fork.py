from __future__ import annotations

import pytest

from samego.errors import VerificationError
from samego.upstream.sumdb.fork import Fork, is_fork
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tlog import ReadNodes
from support.sumdb_log import Key, Log

KEY = Key()
LOG = Log(40, KEY)
FORK = Log(40, KEY, fork_at=3)
VERIFIER = Verifier.parse(KEY.verifier)


def head(size: int, log: Log = LOG) -> SignedHead:
    return SignedHead.open(log.head(size), VERIFIER)


def nodes_of(log: Log) -> ReadNodes:
    return lambda nodes: [log.node(node.level, node.place) for node in nodes]


def forked(older: int, newer: int) -> Fork:
    fork = Fork.between(head(older), head(newer, FORK), nodes_of(FORK))
    assert fork is not None
    return fork


@pytest.mark.parametrize(("older", "newer"), [(10, 33), (32, 33), (33, 33), (4, 40), (39, 40)])
def test_a_fork_is_proven_by_its_file_alone(older: int, newer: int) -> None:
    fork = forked(older, newer)
    data = fork.encode()
    assert is_fork(data)
    assert LOG.head(older) in data
    assert FORK.head(newer) in data
    assert Fork.open(data, VERIFIER) == fork
    assert forked(older, newer).holds


@pytest.mark.parametrize("older", [1, 3])
def test_what_lies_before_the_fork_is_common(older: int) -> None:
    assert Fork.between(head(older), head(33, FORK), nodes_of(FORK)) is None


def test_the_larger_head_is_the_newer_one_in_whatever_order() -> None:
    fork = Fork.between(head(33, FORK), head(10), nodes_of(FORK))
    assert fork == forked(10, 33)


@pytest.mark.parametrize("older", [10, 32, 33])
def test_two_heads_of_one_history_are_no_fork_however_they_are_put(older: int) -> None:
    assert Fork.between(head(older), head(33), nodes_of(LOG)) is None
    honest = forked(older, 33)
    # The forged file: an honest older tree in the place of the one that contradicts.
    same = Fork(head(older, FORK), honest.newer, honest.prefix, honest.proof)
    assert not same.holds
    with pytest.raises(VerificationError, match="contradict each other"):
        Fork.open(same.encode(), VERIFIER)


@pytest.mark.parametrize("older", [10, 32, 33])
def test_a_made_up_hash_proves_nothing(older: int) -> None:
    """Honest heads, and a wrong hash for what the newer tree is said to begin with."""
    honest = Fork(head(older), head(33), b"x" * 32, forked(older, 33).proof)
    with pytest.raises(VerificationError, match="contradict each other"):
        Fork.open(honest.encode(), VERIFIER)


def test_every_changed_byte_is_refused() -> None:
    data = forked(10, 33).encode()
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(VerificationError):
            Fork.open(changed, VERIFIER)


def test_another_key_is_refused() -> None:
    with pytest.raises(VerificationError, match="no signature of"):
        Fork.open(forked(10, 33).encode(), Verifier.parse(Key().verifier))


@pytest.mark.parametrize("cut", [0, 1, 33, 100, 500])
def test_what_is_not_whole_is_refused(cut: int) -> None:
    data = forked(10, 33).encode()
    with pytest.raises(VerificationError):
        Fork.open(data[:cut] if cut > 1 else data[: len(data) - 1 - cut * 45], VERIFIER)
