"""The transparency log: its hashes, its tree heads and records, and its two proofs.

Sources: RFC 6962 section 2.1 (hashes, proofs) and RFC 9162 sections 2.1.3.2 and 2.1.4.2
(how to check them); golang.org/x/mod/sumdb/tlog for the text of tree heads and records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from samego.errors import VerificationError
from samego.upstream.sumdb.encoding import decode64, decode_number, encode64

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256().digest()
#: The first line of every checksum database's tree heads, whoever runs it.
ORIGIN = "go.sum database tree"
_TREE_LINES = 3
_RECORD_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Node(NamedTuple):
    """A complete subtree: the records from ``place << level`` on, ``1 << level`` of them."""

    level: int
    place: int


#: Reads the hashes of complete subtrees, in the order asked for.
ReadNodes = Callable[[Sequence[Node]], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class LogTree:
    """A tree head: the number of records and the hash of the whole tree."""

    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.size} records with hash {encode64(self.root)}"


def parse_tree(text: str) -> LogTree:
    """Read a tree head from a note's text; lines after the third are for later formats.

    Raises VerificationError when it is malformed.
    """
    lines = text.split("\n")
    if len(lines) > _TREE_LINES and lines[0] == ORIGIN:
        size, root = decode_number(lines[1]), decode64(lines[2])
        if size is not None and root is not None and len(root) == HASH_SIZE:
            return LogTree(size, root)
    raise VerificationError(
        "the signed note does not describe a tree of the checksum database",
        hint="check GOSUMDB, and the module proxy that gave the note",
    )


def parse_record(data: bytes) -> tuple[int, bytes, bytes]:
    """Take a lookup's answer apart: the record's number, its text, and the signed note.

    Raises VerificationError when it is malformed.
    """
    number, _, rest = data.partition(b"\n")
    text, blank, note = rest.partition(b"\n\n")
    try:
        record, decoded = decode_number(number.decode("ascii")), text.decode()
    except UnicodeDecodeError:
        record, decoded = None, ""
    if record is None or not blank or not decoded or decoded.startswith("\n"):
        raise _malformed_record()
    if _RECORD_CONTROL.search(decoded):
        raise _malformed_record()
    return record, text + b"\n", note


def record_hash(text: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + text).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtree_nodes(start: int, end: int) -> list[Node]:
    """The complete subtrees that make up the records from ``start`` to before ``end``.

    ``start`` is where a subtree of the log begins. Largest first; at most one a level.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def subtree_hash(hashes: Sequence[bytes]) -> bytes:
    """The hash of a subtree from those of its complete subtrees, largest first."""
    if not hashes:
        return EMPTY_ROOT
    total = hashes[-1]
    for item in reversed(hashes[:-1]):
        total = node_hash(item, total)
    return total


def inclusion_proof(record: int, size: int, read: ReadNodes) -> list[bytes]:
    """The audit path of a record in a tree of ``size`` records, from the leaf upwards.

    Raises VerificationError for a record that the tree is too small for, and what
    ``read`` raises.
    """
    if not 0 <= record < size:
        raise VerificationError(
            f"record {record} is not in a tree of {size} records",
            hint="try again through another module proxy",
        )
    siblings = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_size(end - start)
        if record < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return _hashes(siblings[::-1], read)


def check_inclusion(proof: Sequence[bytes], record: int, leaf: bytes, tree: LogTree) -> bool:
    """Whether the proof shows that ``leaf`` is the hash of the tree's record ``record``."""
    if not 0 <= record < tree.size:
        return False
    place, last, total = record, tree.size - 1, leaf
    for item in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            total = node_hash(item, total)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            total = node_hash(total, item)
        place, last = place >> 1, last >> 1
    return last == 0 and total == tree.root


def consistency_proof(old: int, new: int, read: ReadNodes) -> list[bytes]:
    """The proof that the first ``old`` of ``new`` records are the older tree's.

    Empty for ``old`` 0 or ``new``. Raises ValueError unless 0 <= old <= new, and what
    ``read`` raises.
    """
    if not 0 <= old <= new:
        raise ValueError(old)
    ranges = []
    start, end = 0, new
    whole = True  # the older tree is the whole left side so far: the verifier knows its hash
    while 0 < old < end:
        middle = start + _left_size(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if old and not whole:
        ranges.append((start, end))
    return _hashes(ranges[::-1], read)


def check_consistency(proof: Sequence[bytes], old: LogTree, new: LogTree) -> bool:
    """Whether the proof shows that the newer tree begins with all the older one's records."""
    if not 0 <= old.size <= new.size:
        return False
    if old.size == new.size:
        return not proof and old.root == new.root
    if old.size == 0:
        return not proof and old.root == EMPTY_ROOT
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    # An older tree that is one complete subtree stands for itself in the proof.
    path = list(proof) if place else [old.root, *proof]
    if not path:
        return False
    old_total = new_total = path[0]
    for item in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_total, new_total = node_hash(item, old_total), node_hash(item, new_total)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new_total = node_hash(new_total, item)
        place, last = place >> 1, last >> 1
    return last == 0 and old_total == old.root and new_total == new.root


def _left_size(size: int) -> int:
    """The largest power of two below ``size``, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _hashes(ranges: Sequence[tuple[int, int]], read: ReadNodes) -> list[bytes]:
    """The subtree hash of each range, with one call of ``read``; none where nothing is needed."""
    if not ranges:
        return []
    parts = [subtree_nodes(start, end) for start, end in ranges]
    hashes = iter(read([node for part in parts for node in part]))
    return [subtree_hash([next(hashes) for _ in part]) for part in parts]


def _malformed_record() -> VerificationError:
    return VerificationError(
        "the checksum database's answer is not a record",
        hint="try again through another module proxy",
    )
