"""A fork of a log: two checkpoints that one key signed and that contradict each other.

It is proven by both signed notes and by what the newer tree holds where the older one ends. So
anyone who has the log's key can check it, without the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samego.errors import VerificationError
from samego.upstream.sumdb.encoding import decode64, encode64
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.signed_head import SignedHead
from samego.upstream.sumdb.tlog import (
    HASH_SIZE,
    LogTree,
    ReadNodes,
    check_consistency,
    consistency_proof,
    subtree_hash,
    subtree_nodes,
)

#: Bytes of the file of a fork: two notes and some hashes.
MAX_FORK = 1 << 22
_TITLE = b"Two checkpoints of one log that contradict each other, signed by one key.\n\n"
_OLDER = b"--- older checkpoint\n"
_NEWER = b"--- newer checkpoint\n"
_PROOF = (
    b"--- hash of the newer tree's first records, as many as the older tree has, and the"
    b" consistency proof from that hash to the newer tree\n"
)


@dataclass(frozen=True, slots=True)
class Fork:
    """Two contradicting checkpoints; ``newer`` has at least as many records as ``older``.

    ``prefix`` is the hash of the newer tree's first records, as many as the older one has, and
    ``proof`` the consistency proof from it to the newer tree.
    """

    older: SignedHead
    newer: SignedHead
    prefix: bytes
    proof: tuple[bytes, ...]

    @classmethod
    def between(cls, one: SignedHead, other: SignedHead, read: ReadNodes) -> Fork | None:
        """The fork between two heads, or None when they are of one history.

        ``read`` gives verified hashes of the larger tree (of ``other`` where they are of one
        size). Raises what it raises.
        """
        older, newer = sorted((one, other), key=lambda head: head.tree.size)
        size = older.tree.size
        proof = consistency_proof(size, newer.tree.size, read)
        if check_consistency(proof, older.tree, newer.tree):
            return None
        prefix = newer.tree.root
        if size < newer.tree.size:
            prefix = subtree_hash(read(subtree_nodes(0, size)))
        return cls(older, newer, prefix, tuple(proof))

    @property
    def holds(self) -> bool:
        """Whether the hashes prove it; the notes' signatures were checked when they were opened."""
        continued = LogTree(self.older.tree.size, self.prefix)
        return self.prefix != self.older.tree.root and check_consistency(
            self.proof, continued, self.newer.tree
        )

    def encode(self) -> bytes:
        """The file that others can check: both notes as they were signed, and the hashes."""
        hashes = b"".join(encode64(item).encode() + b"\n" for item in (self.prefix, *self.proof))
        return b"".join([_TITLE, _OLDER, self.older.note, _NEWER, self.newer.note, _PROOF, hashes])

    @classmethod
    def open(cls, data: bytes, verifier: Verifier) -> Fork:
        """Read such a file, and check both signatures and the hashes.

        Raises VerificationError for one that proves no fork of this key's log.
        """
        before, older, rest = data.partition(_OLDER)
        first, newer, rest = rest.partition(_NEWER)
        second, marker, text = rest.partition(_PROOF)
        *lines, end = text.decode("ascii", "replace").split("\n")
        hashes = [item for item in map(decode64, lines) if item and len(item) == HASH_SIZE]
        whole = before == _TITLE and older and newer and marker and not end
        if not whole or not hashes or len(hashes) != len(lines):
            raise _proves_nothing("is not whole")
        fork = cls(
            SignedHead.open(first, verifier),
            SignedHead.open(second, verifier),
            hashes[0],
            tuple(hashes[1:]),
        )
        if not fork.holds:
            raise _proves_nothing("does not show that its two checkpoints contradict each other")
        return fork


def is_fork(data: bytes) -> bool:
    """Whether these bytes are meant to be the file of a fork."""
    return data.startswith(_TITLE)


class SplitViewError(VerificationError):
    """The database signed two trees that contradict each other: no fault of who passed them on.

    ``fork`` is the proof, ``evidence`` the file that keeps it.
    """

    def __init__(self, fork: Fork, verifier: Verifier, evidence: Path) -> None:
        super().__init__(
            f"split view: {verifier.name} signed a tree of {fork.older.tree} and a tree of"
            f" {fork.newer.tree}, which does not continue it (both signed notes are in {evidence})",
            hint="report that file to the Go security team ('samego upstream checkpoint FILE'"
            " checks it), and trust no download until then",
        )
        self.fork = fork
        self.evidence = evidence


def _proves_nothing(why: str) -> VerificationError:
    return VerificationError(
        f"the file of a fork {why}", hint="ask whoever wrote it for the file as it was"
    )
