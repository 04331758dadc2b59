from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from samego.errors import CacheError, VerificationError
from samego.upstream.sumdb.heads import HeadStore
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tlog import LogTree, ReadNodes
from support.sumdb_log import Key, Log

KEY = Key()
LOG = Log(40, KEY)
FORK = Log(40, KEY, fork_at=3)
VERIFIER = Verifier.parse(KEY.verifier)


def head(size: int, log: Log = LOG) -> SignedHead:
    return SignedHead.open(log.head(size), VERIFIER)


def reader(_: LogTree) -> ReadNodes:
    return lambda nodes: [LOG.node(node.level, node.place) for node in nodes]


def fork_reader(_: LogTree) -> ReadNodes:
    return lambda nodes: [FORK.node(node.level, node.place) for node in nodes]


def no_reader(_: LogTree) -> ReadNodes:
    def read(nodes: object) -> list[bytes]:
        raise AssertionError(nodes)

    return read


def test_the_first_head_is_remembered(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    assert store.accept(head(10), no_reader) is None
    history = store.read()
    assert history is not None
    assert history.head == head(10)


def test_a_larger_head_takes_its_place(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(10), no_reader)
    before = store.accept(head(33), reader)
    after = store.read()
    assert before is not None
    assert after is not None
    assert (before.head.tree.size, after.head.tree.size) == (10, 33)
    assert after.since == before.since


def test_a_smaller_head_must_be_a_beginning_and_changes_nothing(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(33), no_reader)
    history = store.accept(head(10), reader)
    assert history is not None
    assert history.head.tree.size == 33
    after = store.read()
    assert after is not None
    assert after.head == head(33)


def test_a_proven_head_needs_no_second_proof(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    for size in (10, 33, 20):
        store.accept(head(size), reader)
    for size in (10, 33, 20):
        assert store.accept(head(size), no_reader) is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(10, 33, id="larger"),
        pytest.param(33, 10, id="smaller"),
        pytest.param(33, 33, id="same size"),
        pytest.param(32, 33, id="after a complete subtree"),
    ],
)
def test_a_split_view_is_an_error_that_keeps_both_notes(
    first: int, second: int, tmp_path: Path
) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(first), no_reader)
    larger_is_fork = second >= first
    with pytest.raises(VerificationError, match="split view") as caught:
        store.accept(head(second, FORK), fork_reader if larger_is_fork else reader)
    assert str(head(first).tree) in caught.value.message
    assert str(head(second, FORK).tree) in caught.value.message
    [evidence] = tmp_path.glob("split-view-*.txt")
    assert str(evidence) in caught.value.message
    kept = evidence.read_bytes()
    assert LOG.head(first) in kept
    assert FORK.head(second) in kept
    history = store.read()
    assert history is not None
    assert history.head == head(first)


def test_a_head_of_another_key_is_no_head() -> None:
    with pytest.raises(VerificationError):
        SignedHead.open(Log(10).head(), VERIFIER)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no keys"),
        pytest.param('{"schema": "samego.treehead/2"}', id="another schema"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("x" * 3_000_000, id="huge"),
    ],
)
def test_a_damaged_memory_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "treehead.json").write_text(text)
    with pytest.raises(CacheError, match="is not a tree head"):
        HeadStore(tmp_path, VERIFIER).accept(head(10), reader)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "other"),
        ("note", None),
        ("note", Log(3).head().decode()),
        ("proven", [1]),
        ("proven", None),
    ],
)
def test_a_changed_memory_is_an_error(key: str, value: object, tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(10), no_reader)
    file = tmp_path / "treehead.json"
    data = json.loads(file.read_text())
    data[key] = value
    file.write_text(json.dumps(data))
    with pytest.raises(CacheError, match="is not a tree head"):
        store.read()


def test_many_at_once_end_with_the_largest_head(tmp_path: Path) -> None:
    def accept(size: int) -> None:
        # Each with its own store: as processes do, they meet on the disk alone.
        HeadStore(tmp_path, VERIFIER).accept(head(size), reader)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(accept, [5, 9, 21, 38, 13, 2]))
    history = HeadStore(tmp_path, VERIFIER).read()
    assert history is not None
    assert history.head == head(38)
    assert len(history.proven) == 6


def test_a_head_that_changes_meanwhile_is_proven_against_the_new_one(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(10), no_reader)
    asked: list[int] = []

    def slow(tree: LogTree) -> ReadNodes:
        asked.append(tree.size)
        if len(asked) == 1:
            HeadStore(tmp_path, VERIFIER).accept(head(30), reader)
        return reader(tree)

    history = store.accept(head(20), slow)
    assert history is not None
    assert history.head.tree.size == 30
    assert asked == [20, 30]


def test_a_memory_that_never_rests_is_an_error(tmp_path: Path) -> None:
    store = HeadStore(tmp_path, VERIFIER)
    store.accept(head(1), no_reader)
    sizes = iter(range(2, 30))

    def busy(tree: LogTree) -> ReadNodes:
        HeadStore(tmp_path, VERIFIER).accept(head(next(sizes)), reader)
        return reader(tree)

    with pytest.raises(CacheError, match="keeps changing"):
        store.accept(head(40), busy)


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="cannot be written"):
        HeadStore(tmp_path / "file" / "below", VERIFIER).accept(head(1), reader)
