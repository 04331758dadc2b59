"""Tiles: the log's hashes as files of 256, each verified against a signed tree head.

Source of the coordinates and paths: golang.org/x/mod/sumdb/tlog (Tile). A tile of level L
holds hashes of subtrees of level 8L; 256 of them make one hash of level L + 1. Only the
last tile of a level may hold fewer. Tiles never change once they are full, and a partial
one is the beginning of the full one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import NetworkError, NotPostedError, VerificationError
from samego.upstream.sumdb.disk import read_small, write_small
from samego.upstream.sumdb.tlog import (
    HASH_SIZE,
    LogTree,
    Node,
    node_hash,
    subtree_hash,
    subtree_nodes,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
#: Bytes of a full tile.
FULL_SIZE = WIDTH * HASH_SIZE
_PATH_BASE = 1000

#: Fetches a path below the database's URL; raises NetworkError and NotPostedError.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's place: level, number within the level, and how many hashes it holds."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the database serves it: ``tile/8/0/x001/234`` or ``tile/8/1/005.p/17``."""
        rest, last = divmod(self.index, _PATH_BASE)
        name = f"{last:03d}"
        while rest:
            rest, part = divmod(rest, _PATH_BASE)
            name = f"x{part:03d}/{name}"
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{HEIGHT}/{self.level}/{name}{partial}"

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.width * HASH_SIZE

    @property
    def full(self) -> Tile:
        """The same tile once it is full."""
        return Tile(self.level, self.index)


def tile_of(node: Node, tree_size: int) -> Tile:
    """The tile that holds a complete subtree's hash in a tree of ``tree_size`` records."""
    level, inner = divmod(node.level, HEIGHT)
    index = (node.place << inner) >> HEIGHT
    return Tile(level, index, min(WIDTH, (tree_size >> (HEIGHT * level)) - index * WIDTH))


def last_tiles(tree_size: int) -> list[Tile]:
    """The partial tiles at the right edge: together they give the tree's hash."""
    tiles = []
    level = 0
    while count := tree_size >> (HEIGHT * level):
        if count % WIDTH:
            tiles.append(Tile(level, count // WIDTH, count % WIDTH))
        level += 1
    return tiles


class TileReader:
    """Reads the hashes of one tree from tiles, verifying each tile before it is used.

    The tiles at the right edge must give the tree's hash, every other tile the hash that
    its parent holds for it. What is verified is kept below ``directory``; what lies there
    is verified like anything else, and fetched anew when it is wrong. :meth:`read` raises
    VerificationError for tiles that do not add up and NetworkError for ones that cannot
    be had.
    """

    def __init__(self, tree: LogTree, fetch: Fetch, directory: Path) -> None:
        self._tree = tree
        self._fetch = fetch
        self._directory = directory
        self._verified: dict[tuple[int, int], bytes] = {}

    def read(self, nodes: Sequence[Node]) -> list[bytes]:
        """The hashes of complete subtrees of the tree."""
        self._verify_edge()
        return [self._node(node) for node in nodes]

    def _node(self, node: Node) -> bytes:
        tile = tile_of(node, self._tree.size)
        data = self._tile(tile)
        count = 1 << (node.level % HEIGHT)
        first = node.place * count - tile.index * WIDTH
        return _complete_hash(data[first * HASH_SIZE : (first + count) * HASH_SIZE])

    def _tile(self, tile: Tile) -> bytes:
        """A tile's bytes, verified. One that is no edge is full and has a parent."""
        key = (tile.level, tile.index)
        if key not in self._verified:
            expected = self._node(Node((tile.level + 1) * HEIGHT, tile.index))
            self._verify([tile], lambda data: _complete_hash(data[0]) == expected)
        return self._verified[key]

    def _verify_edge(self) -> None:
        tiles = last_tiles(self._tree.size)
        if all((tile.level, tile.index) in self._verified for tile in tiles):
            return
        nodes = subtree_nodes(0, self._tree.size)

        def gives_root(data: Sequence[bytes]) -> bool:
            # Every hash of every edge tile takes part: see subtree_nodes.
            by_level = {tile.level: item for tile, item in zip(tiles, data, strict=True)}
            hashes = []
            for node in nodes:
                level, inner = divmod(node.level, HEIGHT)
                count = 1 << inner
                first = (node.place * count) % WIDTH
                item = by_level[level][first * HASH_SIZE : (first + count) * HASH_SIZE]
                hashes.append(_complete_hash(item))
            return subtree_hash(hashes) == self._tree.root

        self._verify(tiles, gives_root)

    def _verify(self, tiles: Sequence[Tile], holds: Callable[[Sequence[bytes]], bool]) -> None:
        """Load tiles, from the disk where they lie there, and keep them if they hold."""
        stored = [self._stored(tile) for tile in tiles]
        data = [
            self._fetched(tile) if item is None else item
            for tile, item in zip(tiles, stored, strict=True)
        ]
        if not holds(data) and any(item is not None for item in stored):
            # What lay on the disk may be what is wrong.
            stored = [None] * len(tiles)
            data = [self._fetched(tile) for tile in tiles]
        if not holds(data):
            raise VerificationError(
                f"{tiles[0].path} does not belong to the signed tree of {self._tree}",
                hint="try again through another module proxy, and report the one that gave it",
            )
        for tile, item, old in zip(tiles, data, stored, strict=True):
            self._verified[tile.level, tile.index] = item
            if old is None:
                write_small(self._directory / tile.path, item)

    def _stored(self, tile: Tile) -> bytes | None:
        for candidate in dict.fromkeys((tile, tile.full)):
            data = read_small(self._directory / candidate.path, FULL_SIZE)
            if data is not None and len(data) == candidate.size:
                return data[: tile.size]
        return None

    def _fetched(self, tile: Tile) -> bytes:
        served = tile
        try:
            try:
                data = self._fetch(tile.path)
            except NotPostedError:
                # A server may drop a partial tile once the full one is there.
                served = tile.full
                data = self._fetch(served.path)
        except NotPostedError as error:
            raise NetworkError(
                f"the checksum database does not serve {tile.path} ({error.cause})",
                hint="try again later, or through another module proxy",
            ) from error
        if len(data) != served.size:
            raise VerificationError(
                f"{served.path} has {len(data)} bytes instead of {served.size}",
                hint="try again through another module proxy",
            )
        return data[: tile.size]


def _complete_hash(data: bytes) -> bytes:
    """The hash of a complete subtree from the hashes of 1, 2, 4, ... subtrees in a row."""
    row = [data[place : place + HASH_SIZE] for place in range(0, len(data), HASH_SIZE)]
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
