"""A checksum database in memory: its own key, records, signed heads and tiles.

Written from the definitions of RFC 6962 (recursive, slow), not with the code under test.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MODULE = "golang.org/toolchain"


def leaf(text: bytes) -> bytes:
    """The hash of a leaf: RFC 6962, 2.1."""
    return hashlib.sha256(b"\0" + text).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash: RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def path(record: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path: RFC 6962, 2.1.1."""
    if len(leaves) <= 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if record < half:
        return [*path(record, leaves[:half]), root(leaves[half:])]
    return [*path(record - half, leaves[half:]), root(leaves[:half])]


def proof(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """The consistency proof: RFC 6962, 2.1.2 (SUBPROOF)."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*proof(old, leaves[:half], whole=whole), root(leaves[half:])]
    return [*proof(old - half, leaves[half:], whole=False), root(leaves[:half])]


@dataclass
class Key:
    """An Ed25519 key under a name, which signs notes."""

    name: str = "sum.example.test"
    secret: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def encoded(self) -> bytes:
        """The algorithm's number and the public key."""
        return b"\1" + self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def hash(self) -> bytes:
        """What signatures name the key by."""
        return hashlib.sha256(f"{self.name}\n".encode() + self.encoded).digest()[:4]

    @property
    def verifier(self) -> str:
        """The verifier key as GOSUMDB spells it."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(self.encoded).decode()}"

    def line(self, text: str) -> str:
        """The signature line for a text."""
        signature = self.hash + self.secret.sign(text.encode())
        return f"\N{EM DASH} {self.name} {base64.b64encode(signature).decode()}\n"

    def note(self, text: str) -> bytes:
        """A note with this text, signed."""
        return f"{text}\n{self.line(text)}".encode()


def h1(seed: str) -> str:
    """Some h1 hash."""
    return f"h1:{base64.b64encode(hashlib.sha256(seed.encode()).digest()).decode()}"


def record(version: str, module: str = MODULE) -> bytes:
    """The record of a module version."""
    zip_line = f"{module} {version} {h1('zip ' + version)}\n"
    return f"{zip_line}{module} {version}/go.mod {h1('mod ' + version)}\n".encode()


class Log:
    """A log of records of the versions v0.0.1-N, and what a server answers for them."""

    def __init__(self, size: int, key: Key | None = None, *, fork_at: int | None = None) -> None:
        self.key = key or Key()
        self.versions = [f"v0.0.1-{number}" for number in range(size)]
        if fork_at is not None:
            self.versions[fork_at] += "-fork"
        self.texts = [record(version) for version in self.versions]
        self.leaves = [leaf(text) for text in self.texts]

    def head(self, size: int | None = None) -> bytes:
        """The signed head of the tree of the first ``size`` records."""
        count = len(self.leaves) if size is None else size
        tree_hash = base64.b64encode(root(self.leaves[:count])).decode()
        return self.key.note(f"go.sum database tree\n{count}\n{tree_hash}\n")

    def lookup(self, number: int, size: int | None = None) -> bytes:
        """The answer for a record, with the head of ``size`` records."""
        return f"{number}\n".encode() + self.texts[number] + b"\n" + self.head(size)

    def node(self, level: int, place: int) -> bytes:
        """The hash of a complete subtree."""
        return root(self.leaves[place << level : (place + 1) << level])

    def tile(self, address: str) -> bytes | None:
        """What lies at ``tile/8/LEVEL/NUMBER``, or None."""
        parts = address.split("/")
        width = 256
        if parts[-2].endswith(".p"):
            width = int(parts.pop())
            parts[-1] = parts[-1].removesuffix(".p")
        level, place = int(parts[2]), int("".join(part[-3:] for part in parts[3:]))
        if (place * 256 + width) << (8 * level) > len(self.leaves):
            return None
        places = range(place * 256, place * 256 + width)
        return b"".join(self.node(8 * level, number) for number in places)
