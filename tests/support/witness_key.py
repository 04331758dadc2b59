"""Keys of witnesses, and the cosignatures that they make: C2SP tlog-cosignature.

Written from the specification, not with the code under test.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

#: A time for cosignatures: the one in the specification's example.
TIME = 1679315147


@dataclass
class WitnessKey:
    """A witness's key under a name: Ed25519, or ML-DSA-44 where ``secret`` is such a key."""

    name: str
    secret: Ed25519PrivateKey | MLDSA44PrivateKey

    @classmethod
    def ed25519(cls, name: str) -> WitnessKey:
        """A new key of the older kind."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def ml_dsa(cls, name: str) -> WitnessKey:
        """A new key of the newer kind."""
        return cls(name, MLDSA44PrivateKey.generate())

    @property
    def encoded(self) -> bytes:
        """The algorithm's number and the public key."""
        kind = b"\4" if isinstance(self.secret, Ed25519PrivateKey) else b"\6"
        return kind + self.secret.public_key().public_bytes_raw()

    @property
    def hash(self) -> bytes:
        """What signatures name the key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.encoded).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as a policy names it."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(self.encoded).decode()}"

    def signature(self, note: bytes, time: int = TIME) -> bytes:
        """The signature proper of a signed checkpoint, as of ``time``."""
        body = note.rpartition(b"\n\n")[0] + b"\n"
        if isinstance(self.secret, Ed25519PrivateKey):
            return self.secret.sign(b"cosignature/v1\ntime %d\n" % time + body)
        origin, size, root = body.split(b"\n")[:3]
        message = b"subtree/v1\n\0" + bytes([len(self.name)]) + self.name.encode()
        message += time.to_bytes(8, "big") + bytes([len(origin)]) + origin
        message += bytes(8) + int(size).to_bytes(8, "big") + base64.b64decode(root)
        return self.secret.sign(message)

    def line(self, time: int, signature: bytes) -> bytes:
        """A note's signature line."""
        data = base64.b64encode(self.hash + time.to_bytes(8, "big") + signature)
        return "\N{EM DASH} ".encode() + self.name.encode() + b" " + data + b"\n"

    def cosign(self, note: bytes, time: int = TIME) -> bytes:
        """The checkpoint with one cosignature more."""
        return note + self.line(time, self.signature(note, time))
