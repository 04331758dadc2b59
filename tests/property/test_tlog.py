"""The log's proofs against the definitions of RFC 6962, for every size and any change."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samego.errors import VerificationError
from samego.upstream.sumdb.note import Verifier, open_note
from samego.upstream.sumdb.tiles import HEIGHT, Tile, last_tiles, tile_of
from samego.upstream.sumdb.tlog import (
    LogTree,
    Node,
    ReadNodes,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    parse_record,
    parse_tree,
    record_hash,
    subtree_hash,
    subtree_nodes,
)
from support.sumdb_log import Key, leaf, path, proof, root

SIZES = st.integers(1, 70)
KEY = Key()
#: A busy machine is no failure.
UNHURRIED = settings(deadline=None)
VERIFIER = Verifier.parse(KEY.verifier)


def leaves_of(size: int) -> list[bytes]:
    return [leaf(b"record %d\n" % number) for number in range(size)]


def reader(leaves: Sequence[bytes]) -> ReadNodes:
    def read(nodes: Sequence[Node]) -> list[bytes]:
        return [
            root(leaves[node.place << node.level : (node.place + 1) << node.level])
            for node in nodes
        ]

    return read


@UNHURRIED
@given(size=SIZES, data=st.data())
def test_inclusion_proofs_are_those_of_the_rfc(size: int, data: st.DataObject) -> None:
    record = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    made = inclusion_proof(record, size, reader(leaves))
    assert made == path(record, leaves)
    assert check_inclusion(made, record, leaves[record], LogTree(size, root(leaves)))


@UNHURRIED
@given(size=SIZES, data=st.data())
def test_consistency_proofs_are_those_of_the_rfc(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    made = consistency_proof(old, size, reader(leaves))
    assert made == proof(old, leaves)
    assert check_consistency(made, LogTree(old, root(leaves[:old])), LogTree(size, root(leaves)))


def test_both_proofs_hold_for_all_sizes_up_to_40() -> None:
    leaves = leaves_of(40)
    for size in range(1, 41):
        tree, read = LogTree(size, root(leaves[:size])), reader(leaves[:size])
        for number in range(size):
            made = inclusion_proof(number, size, read)
            assert check_inclusion(made, number, leaves[number], tree)
        for old in range(size + 1):
            made = consistency_proof(old, size, read)
            assert check_consistency(made, LogTree(old, root(leaves[:old])), tree)


def changed(proof_: Sequence[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with one byte changed, an item more, one less, or two swapped."""
    items = list(proof_)
    how = data.draw(st.sampled_from(["flip", "more", "less", "swap"]))
    if how == "more" or not items:
        items.insert(data.draw(st.integers(0, len(items))), bytes(32))
    elif how == "less":
        del items[data.draw(st.integers(0, len(items) - 1))]
    elif how == "swap" and len(items) > 1:
        items = [*items[1:], items[0]]
    else:
        place = data.draw(st.integers(0, len(items) - 1))
        spot = data.draw(st.integers(0, 31))
        old = bytearray(items[place])
        old[spot] ^= data.draw(st.integers(1, 255))
        items[place] = bytes(old)
    return items


@UNHURRIED
@given(size=SIZES, data=st.data())
def test_a_changed_inclusion_proof_does_not_hold(size: int, data: st.DataObject) -> None:
    record = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    wrong = changed(path(record, leaves), data)
    assert not check_inclusion(wrong, record, leaves[record], LogTree(size, root(leaves)))


@UNHURRIED
@given(size=SIZES, data=st.data())
def test_an_inclusion_proof_holds_for_one_record_of_one_tree(
    size: int, data: st.DataObject
) -> None:
    record, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-1, size + 1))
    leaves = leaves_of(size)
    made, tree = path(record, leaves), LogTree(size, root(leaves))
    if other != record:
        assert not check_inclusion(made, other, leaves[record], tree)
        assert not check_inclusion(made, record, leaf(b"other\n"), tree)
    assert not check_inclusion(made, record, leaves[record], LogTree(size, bytes(32)))


@UNHURRIED
@given(size=st.integers(2, 70), data=st.data())
def test_a_changed_consistency_proof_does_not_hold(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    wrong = changed(proof(old, leaves), data)
    before, after = LogTree(old, root(leaves[:old])), LogTree(size, root(leaves))
    assert not check_consistency(wrong, before, after)


@UNHURRIED
@given(size=st.integers(2, 70), data=st.data())
def test_a_consistency_proof_does_not_hold_for_another_history(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size))
    fork = data.draw(st.integers(0, old - 1))
    leaves = leaves_of(size)
    forked = [*leaves]
    forked[fork] = leaf(b"another record\n")
    before, after = LogTree(old, root(forked[:old])), LogTree(size, root(leaves))
    assert not check_consistency(proof(old, leaves), before, after)
    assert not check_consistency(proof(old, forked), before, after)


def test_the_empty_tree_begins_every_history() -> None:
    tree = LogTree(1, root(leaves_of(1)))
    empty = LogTree(0, root([]))
    assert check_consistency([], empty, tree)
    assert check_consistency([], empty, empty)
    assert not check_consistency([], LogTree(0, bytes(32)), tree)
    assert not check_consistency([], tree, empty)
    assert not check_consistency([bytes(32)], empty, tree)
    assert not check_consistency([], LogTree(3, tree.root), LogTree(4, tree.root))
    with pytest.raises(ValueError, match="2"):
        consistency_proof(2, 1, reader(leaves_of(1)))
    with pytest.raises(VerificationError, match="record 1 is not in a tree of 1"):
        inclusion_proof(1, 1, reader(leaves_of(1)))


@UNHURRIED
@given(size=st.integers(1, 2**40))
def test_the_edge_tiles_hold_exactly_the_subtrees_of_the_root(size: int) -> None:
    held = {tile_of(node, size) for node in subtree_nodes(0, size)}
    assert held == set(last_tiles(size))
    for tile in last_tiles(size):
        inside = [node for node in subtree_nodes(0, size) if tile_of(node, size) == tile]
        assert sum(1 << (node.level % HEIGHT) for node in inside) == tile.width
    assert sum(1 << node.level for node in subtree_nodes(0, size)) == size


@UNHURRIED
@given(size=st.integers(0, 300))
def test_the_subtrees_of_a_tree_give_its_root(size: int) -> None:
    leaves = leaves_of(size)
    assert subtree_hash(reader(leaves)(subtree_nodes(0, size))) == root(leaves)


@UNHURRIED
@given(number=st.integers(0, 2**50), width=st.integers(1, 256))
def test_a_tile_path_spells_its_number_in_threes(number: int, width: int) -> None:
    parts = Tile(1, number, width).path.split("/")
    if width < 256:
        assert parts.pop() == str(width)
        assert parts[-1].endswith(".p")
        parts[-1] = parts[-1].removesuffix(".p")
    assert parts[:3] == ["tile", "8", "1"]
    assert all(part.startswith("x") for part in parts[3:-1])
    assert [len(part.removeprefix("x")) for part in parts[3:]] == [3] * len(parts[3:])
    assert int("".join(part.removeprefix("x") for part in parts[3:])) == number


@UNHURRIED
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_as_note_record_and_tree(data: bytes) -> None:
    with pytest.raises(VerificationError):
        open_note(data, [VERIFIER])
    with pytest.raises(VerificationError):
        parse_tree(data.decode("latin-1"))
    with pytest.raises(VerificationError):
        parse_record(b"x" + data)


@UNHURRIED
@given(
    text=st.text(
        # What a terminal acts on or hides is in none: controls, format characters, separators.
        st.characters(
            min_codepoint=32,
            exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"],
            exclude_characters="\u2065",
        ),
        max_size=50,
    )
)
def test_any_text_can_be_signed_and_opened(text: str) -> None:
    assert open_note(KEY.note(f"{text}\n"), [VERIFIER]).text == f"{text}\n"


def test_a_record_is_hashed_as_a_leaf() -> None:
    assert record_hash(b"text\n") == leaf(b"text\n")
