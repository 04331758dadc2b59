"""What a rule is: code that can prove a standing from the bytes of both sides."""

from __future__ import annotations

from typing import Protocol

from samego.model.inputs import Context
from samego.model.proof import Proof
from samego.model.tree import Tree


class Blob:
    """One side's file: its path below GOROOT, digest, size and, on demand, its bytes.

    The bytes are kept once they were read, and go with the blob: the memory of a check is
    bounded by the pairs of files that are judged at the same time.
    """

    def __init__(self, path: str, tree: Tree) -> None:
        self.path = path
        self._tree = tree
        self._data: bytes | None = None
        entry = tree[path]
        self.size = entry.size
        self.sha256 = entry.sha256
        self.mode = entry.mode

    def read(self) -> bytes:
        """The bytes, checked against ``sha256``."""
        if self._data is None:
            self._data = self._tree.read(self.path)
        return self._data


class Rule(Protocol):
    """A rule: pure, total, without network.

    ``prove`` returns None where the rule does not account for the difference; on bad
    bytes it returns None too. It never raises for what is in the files; a missing
    external tool is a ToolError that the rule handles by returning None or a weaker
    proof that says so.
    """

    name: str

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Prove the difference between two files, or return None."""
