from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.errors import NetworkError, NotPostedError, VerificationError
from samego.upstream.sumdb.tiles import TileReader, last_tiles
from samego.upstream.sumdb.tlog import LogTree, Node, inclusion_proof, subtree_nodes
from support.sumdb_log import Log, path, root

SIZE = 700
LOG = Log(SIZE)
TREE = LogTree(SIZE, root(LOG.leaves))
NODES = [Node(0, 3), Node(0, 699), Node(3, 40), Node(8, 1), Node(9, 0)]

Fetch = Callable[[str], bytes]


def fetch(address: str) -> bytes:
    data = LOG.tile(address)
    if data is None:
        raise NotPostedError(f"{address} is not here", hint="")
    return data


def refuse(address: str) -> bytes:
    raise NetworkError(f"asked for {address}", hint="")


def hashes() -> list[bytes]:
    return [LOG.node(node.level, node.place) for node in NODES]


def test_hashes_are_read_from_verified_tiles(tmp_path: Path) -> None:
    assert TileReader(TREE, fetch, tmp_path).read(NODES) == hashes()
    kept = {str(item.relative_to(tmp_path)) for item in tmp_path.rglob("*") if item.is_file()}
    assert kept == {"tile/8/0/000", "tile/8/0/001", "tile/8/0/002.p/188", "tile/8/1/000.p/2"}


def test_what_was_kept_needs_no_server(tmp_path: Path) -> None:
    TileReader(TREE, fetch, tmp_path).read(NODES)
    assert TileReader(TREE, refuse, tmp_path).read(NODES) == hashes()


def test_a_full_tile_stands_for_its_beginning(tmp_path: Path) -> None:
    def full_only(address: str) -> bytes:
        if address.startswith("tile/8/0/") and ".p/" in address:
            raise NotPostedError(address, hint="")
        return fetch(address)

    short = LogTree(300, root(LOG.leaves[:300]))
    assert TileReader(short, full_only, tmp_path).read([Node(0, 299)]) == [LOG.leaves[299]]


def test_a_full_tile_on_disk_stands_for_its_beginning(tmp_path: Path) -> None:
    TileReader(TREE, fetch, tmp_path).read(NODES)

    def first_level(address: str) -> bytes:
        assert address.startswith("tile/8/1/")
        return fetch(address)

    short = LogTree(300, root(LOG.leaves[:300]))
    assert TileReader(short, first_level, tmp_path).read([Node(0, 299)]) == [LOG.leaves[299]]


def changed(target: str, place: int) -> Fetch:
    def wrong(address: str) -> bytes:
        data = bytearray(fetch(address))
        if address == target:
            data[place] ^= 1
        return bytes(data)

    return wrong


@pytest.mark.parametrize(
    "address", ["tile/8/0/000", "tile/8/0/001", "tile/8/0/002.p/188", "tile/8/1/000.p/2"]
)
def test_a_changed_byte_anywhere_in_a_tile_is_refused(address: str, tmp_path: Path) -> None:
    for place in [*range(0, len(fetch(address)), 97), len(fetch(address)) - 1]:
        with pytest.raises(VerificationError, match="does not belong to the signed tree"):
            TileReader(TREE, changed(address, place), tmp_path / str(place)).read(NODES)
        kept = tmp_path / str(place) / address
        assert not kept.exists()


@pytest.mark.parametrize("cut", [0, 1, 32, 8191])
def test_a_tile_of_another_length_is_refused(cut: int, tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="bytes instead of"):
        TileReader(TREE, lambda item: fetch(item)[:cut], tmp_path).read(NODES)
    with pytest.raises(VerificationError, match="bytes instead of"):
        TileReader(TREE, lambda item: fetch(item) + b"x", tmp_path).read(NODES)


def test_tiles_of_another_log_are_refused(tmp_path: Path) -> None:
    other = Log(SIZE, fork_at=5)
    with pytest.raises(VerificationError):
        TileReader(LogTree(SIZE, root(other.leaves)), fetch, tmp_path).read(NODES)


def test_a_tile_that_nobody_serves_is_named(tmp_path: Path) -> None:
    def nothing(address: str) -> bytes:
        raise NotPostedError(f"{address} is not here", hint="")

    with pytest.raises(NetworkError, match=r"does not serve tile/8/0/002\.p/188"):
        TileReader(TREE, nothing, tmp_path).read(NODES)


@pytest.mark.parametrize("address", ["tile/8/0/000", "tile/8/0/002.p/188"])
@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_kept_tile_is_fetched_anew(address: str, damage: str, tmp_path: Path) -> None:
    TileReader(TREE, fetch, tmp_path).read(NODES)
    kept = tmp_path / address
    good = kept.read_bytes()
    kept.write_bytes(
        {"flip": bytes([good[0] ^ 1]) + good[1:], "cut": good[:-1], "empty": b""}[damage]
    )
    with pytest.raises(NetworkError):
        TileReader(TREE, refuse, tmp_path).read(NODES)
    assert TileReader(TREE, fetch, tmp_path).read(NODES) == hashes()
    assert kept.read_bytes() == good


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 699, 700])
def test_proofs_from_tiles_for_sizes_around_full_tiles(size: int, tmp_path: Path) -> None:
    read = TileReader(LogTree(size, root(LOG.leaves[:size])), fetch, tmp_path).read
    for number in {0, size // 2, size - 1}:
        assert inclusion_proof(number, size, read) == path(number, LOG.leaves[:size])


def test_an_empty_tree_has_no_tiles() -> None:
    assert last_tiles(0) == []
    assert subtree_nodes(0, 0) == []


def test_real_tiles_of_a_tree_of_millions(tmp_path: Path) -> None:
    served = Path(__file__).parents[4] / "fixtures/sumdb/sum.golang.org"
    tree = LogTree(66385784, base64.b64decode("dRgqg6bNjCv/HjgbQbR4FTQxb01x93qAiafZ4wW6HNI="))
    reader = TileReader(tree, lambda item: (served / item).read_bytes(), tmp_path)
    assert len(inclusion_proof(38532769, tree.size, reader.read)) == 26
