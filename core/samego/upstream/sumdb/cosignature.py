"""Cosignatures: what witnesses say who saw a log grow from one checkpoint to the next.

Source of the formats: C2SP tlog-cosignature. A cosigner's key is written like a log's,
``NAME+HASH+KEY``, with 4 (Ed25519) or 6 (ML-DSA-44) as the algorithm's byte. Its signature is the
time (seconds since 1970, eight bytes, big-endian) and the signature proper.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from samego.errors import ConfigError, VerificationError
from samego.upstream.sumdb.note import note_parts, parse_key
from samego.upstream.sumdb.tlog import ORIGIN, parse_tree

ED25519 = 4
ML_DSA_44 = 6
#: Bytes of a public key and of a signature proper (RFC 8032; FIPS 204, table 2).
_SIZES = {ED25519: (32, 64), ML_DSA_44: (1312, 2420)}
_TIME = struct.Struct(">Q")
_LATEST = 2**63 - 1
_LABEL = b"subtree/v1\n\0"
#: The longest name that the signed message of ML-DSA-44 has room for.
_LONGEST_NAME = 255
#: Lines of a checkpoint that every cosignature covers: origin, size and hash.
_COVERED = 3


class _PublicKey(Protocol):
    def verify(self, signature: bytes, data: bytes, /) -> None:
        """Raise InvalidSignature unless the key made this signature of these bytes."""


class Unchecked(enum.Enum):
    """Why a cosignature that is there does not count."""

    NO_ML_DSA = "this Python's cryptography library has no ML-DSA-44"
    FUTURE = "its time lies in the future"
    NO_TIME = "it states no time"
    MORE_LINES = "it does not cover all lines of the checkpoint"


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's public key under a name; ``algorithm`` is ED25519 or ML_DSA_44."""

    name: str
    key_hash: int
    algorithm: int
    public_key: bytes

    @classmethod
    def parse(cls, text: str) -> Cosigner:
        """Read a cosigner's key. Raises ConfigError when it is malformed or of another kind."""
        name, key_hash, encoded = parse_key(text)
        algorithm, public_key = encoded[0], encoded[1:]
        if algorithm not in _SIZES or len(public_key) != _SIZES[algorithm][0]:
            raise ConfigError(
                f"the key of {name} is not that of a witness (Ed25519 or ML-DSA-44 cosignatures)",
                hint="write it as the witness's operator publishes it: NAME+HASH+KEY",
            )
        if len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
            raise ConfigError(
                f"the name of the witness {name} is longer than {_LONGEST_NAME} bytes",
                hint="correct it: it is part of what the witness signs",
            )
        return cls(name, key_hash, algorithm, public_key)

    @property
    def short(self) -> str:
        """The name and hash, which is how signatures refer to the key."""
        return f"{self.name}+{self.key_hash:08x}"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What one witness's cosignature of a checkpoint is worth.

    ``time`` is in seconds since 1970; ``unchecked`` says why the cosignature does not count.
    """

    time: int
    unchecked: Unchecked | None = None

    @property
    def counts(self) -> bool:
        """Whether the witness said so, and says enough."""
        return self.unchecked is None


def cosignatures(
    note: bytes, cosigners: Mapping[tuple[str, int], Cosigner], latest: int
) -> dict[Cosigner, Cosigned]:
    """Check every cosignature of these witnesses on a checkpoint, by name and key hash.

    Signatures of other keys are passed over. A time after ``latest`` (in seconds since 1970) does
    not count. Raises VerificationError for a malformed note, and for a signature that a known key
    did not make: such a note is refused as a whole, as C2SP signed-note asks.
    """
    text, signatures = note_parts(note)
    found: dict[Cosigner, Cosigned] = {}
    for name, key_hash, signature in signatures:
        cosigner = cosigners.get((name, key_hash))
        # Of several signatures of one key the first counts, as in the go command.
        if cosigner is not None and cosigner not in found:
            found[cosigner] = _cosigned(cosigner, text, signature, latest)
    return found


def _cosigned(cosigner: Cosigner, text: str, signature: bytes, latest: int) -> Cosigned:
    if len(signature) != _TIME.size + _SIZES[cosigner.algorithm][1]:
        raise _invalid(cosigner)
    (time,) = _TIME.unpack_from(signature)
    if time > _LATEST:
        raise _invalid(cosigner)
    verify = _verifier_of(cosigner)
    if verify is None:
        return Cosigned(time, Unchecked.NO_ML_DSA)
    if cosigner.algorithm == ML_DSA_44 and text.count("\n") != _COVERED:
        return Cosigned(time, Unchecked.MORE_LINES)
    try:
        verify(signature[_TIME.size :], _message(cosigner, text, time))
    except InvalidSignature as error:
        raise _invalid(cosigner) from error
    if time > latest:
        return Cosigned(time, Unchecked.FUTURE)
    # A witness always states one (C2SP tlog-witness): without it, it says less.
    return Cosigned(time, None if time else Unchecked.NO_TIME)


def _message(cosigner: Cosigner, text: str, time: int) -> bytes:
    """What the witness signed."""
    if cosigner.algorithm == ED25519:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    tree, name, origin = parse_tree(text), cosigner.name.encode(), ORIGIN.encode()
    return b"".join(
        [
            _LABEL,
            bytes([len(name)]) + name,
            _TIME.pack(time),
            bytes([len(origin)]) + origin,
            _TIME.pack(0),
            _TIME.pack(tree.size),
            tree.root,
        ]
    )


def _verifier_of(cosigner: Cosigner) -> Callable[[bytes, bytes], None] | None:
    """What checks this key's signatures, or None where nothing here can."""
    try:
        key: _PublicKey
        if cosigner.algorithm == ED25519:
            key = Ed25519PublicKey.from_public_bytes(cosigner.public_key)
        else:
            # The distros' cryptography may be older than 48, the first one that can.
            from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415

            key = mldsa.MLDSA44PublicKey.from_public_bytes(cosigner.public_key)
    except (ImportError, UnsupportedAlgorithm):
        return None
    return key.verify


def _invalid(cosigner: Cosigner) -> VerificationError:
    return VerificationError(
        f"the checkpoint does not carry a valid cosignature of {cosigner.short}",
        hint="fetch the checkpoint again, and report who gave it",
    )
