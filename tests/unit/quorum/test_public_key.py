from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from samego.quorum.public_key import PublicKey


def pem(der: bytes, end: str = "\n") -> str:
    body = base64.b64encode(der).decode("ascii")
    lines = ["-----BEGIN PUBLIC KEY-----", body, "-----END PUBLIC KEY-----", ""]
    return end.join(lines)


@pytest.fixture
def der() -> bytes:
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_rebuilderds_spelling_of_a_key_is_the_same_key(der: bytes) -> None:
    with_null = bytes.fromhex("302c300706032b65700500032100") + der[-32:]
    key = PublicKey.parse(pem(der))
    assert PublicKey.parse(pem(with_null, "\r\n")) == key
    assert PublicKey.parse(key.pem) == key
    other = with_null[:-1] + bytes([with_null[-1] ^ 1])
    assert PublicKey.parse(pem(other)) != key
    assert len(key.fingerprint) == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.pub",
        "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PublicKey.parse(text)


def test_two_keys_in_a_text_are_none(der: bytes) -> None:
    with pytest.raises(ValueError, match="not one PEM block"):
        PublicKey.parse(pem(der) * 2)
