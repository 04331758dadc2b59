"""A tree head with the signed note that states it: what others call a checkpoint.

Source of the format: C2SP tlog-checkpoint and golang.org/x/mod/sumdb/tlog.
"""

from __future__ import annotations

from dataclasses import dataclass

from samego.upstream.sumdb.note import Verifier, open_note
from samego.upstream.sumdb.tlog import LogTree, parse_tree


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A tree head and the whole signed note that states it."""

    tree: LogTree
    note: bytes

    @classmethod
    def open(cls, note: bytes, verifier: Verifier) -> SignedHead:
        """Check a note's signature and read its tree head; raises VerificationError."""
        return cls(parse_tree(open_note(note, [verifier]).text), note)
