"""Public keys of rebuilders, known by their bytes and not by a name that somebody gave them.

A key is a PEM block with a SubjectPublicKeyInfo (RFC 5280, RFC 7468). rebuilderd 0.28 writes its
Ed25519 key with a parameter that RFC 8410 forbids (``algorithm: id-Ed25519, parameters: NULL``);
such a key is the same key as the one that is written as it should be.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

BEGIN = "-----BEGIN PUBLIC KEY-----"
#: SubjectPublicKeyInfo of Ed25519 with NULL parameters, up to the key's 32 bytes.
_WITH_NULL = bytes.fromhex("302c300706032b65700500032100")
_ED25519_BYTES = 32
_BLOCK = re.compile(rf"{BEGIN}([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key by the DER of its SubjectPublicKeyInfo; two with the same DER are one key."""

    der: bytes

    @classmethod
    def parse(cls, pem: str) -> PublicKey:
        """The key of a text with one PEM block. Raises ValueError for anything else."""
        found = _BLOCK.findall(pem)
        if len(found) != 1:
            raise ValueError("it is not one PEM block of a public key")
        try:
            data = base64.b64decode("".join(found[0].split()), validate=True)
        except binascii.Error as error:
            raise ValueError("it is not base64") from error
        key: PublicKeyTypes
        if data.startswith(_WITH_NULL) and len(data) == len(_WITH_NULL) + _ED25519_BYTES:
            key = Ed25519PublicKey.from_public_bytes(data[len(_WITH_NULL) :])
        else:
            try:
                key = load_pem_public_key(pem.encode())
            except (TypeError, UnsupportedAlgorithm) as error:
                raise ValueError("it is of a kind that is not known") from error
        return cls.of(key)

    @classmethod
    def of(cls, key: PublicKeyTypes) -> PublicKey:
        """A key of the library cryptography."""
        return cls(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    @property
    def pem(self) -> str:
        """The key as PEM, as openssl writes it."""
        text = base64.encodebytes(self.der).decode("ascii").replace("\n", "")
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        return "\n".join([BEGIN, *lines, "-----END PUBLIC KEY-----", ""])

    @property
    def fingerprint(self) -> str:
        """The sha256 of the DER, in lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()
