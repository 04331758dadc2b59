"""Signed results to begin with, and who has signed them."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

from samego.attest.envelope import seal
from samego.quorum.policy import RebuilderKind
from samego.quorum.public_key import PublicKey
from support.rebuilders import FILE, MINE, one

_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIGNER = one("Signer", RebuilderKind.ENVELOPE, keys=(PublicKey.of(_KEY.public_key()),))


def signed_seeds() -> list[bytes]:
    """An envelope, a bundle of two, and rebuilderd's attestation."""
    signer = CryptoSigner(_KEY)
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": FILE, "digest": {"sha256": MINE}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"runDetails": {"metadata": {"finishedOn": "2026-11-23T17:00:00Z"}}},
    }
    envelope = seal(json.dumps(statement).encode(), [signer])
    line = json.dumps(json.loads(envelope))
    link: dict[str, object] = {
        "_type": "link",
        "name": f"rebuild {FILE}",
        "materials": {},
        "products": {FILE: {"sha256": MINE}},
        "environment": None,
        "byproducts": {},
        "command": [],
    }
    signature = signer.sign(str(encode_canonical(link)).encode())
    attestation = {"signatures": [signature.to_dict()], "signed": link}
    return [envelope.encode(), f"{line}\n{line}\n".encode(), json.dumps(attestation).encode()]
