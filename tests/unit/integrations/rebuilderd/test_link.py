from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

from samego.integrations.rebuilderd.link import parse_link
from samego.quorum.public_key import PublicKey

WORKER, DAEMON = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KEYS = [PublicKey.of(each.public_key()) for each in (WORKER, DAEMON)]
LINK: dict[str, Any] = {
    "_type": "link",
    "name": "rebuild go.tar.gz",
    "materials": {},
    "products": {"out/go.tar.gz": {"sha256": "a" * 64, "sha512": "b" * 128}},
    "environment": None,
    "byproducts": {},
    "command": [],
}


def link(**more: Any) -> bytes:  # noqa: ANN401 - JSON
    signed = {**LINK, **more}
    data = str(encode_canonical(signed)).encode()
    signatures = [CryptoSigner(key).sign(data).to_dict() for key in (WORKER, DAEMON)]
    return json.dumps({"signatures": signatures, "signed": signed}).encode()


def test_who_has_signed_which_file() -> None:
    stranger = PublicKey.of(Ed25519PrivateKey.generate().public_key())
    read = parse_link(link(), [*KEYS, stranger])
    assert (read.products, read.signed_by) == ({"go.tar.gz": "a" * 64}, tuple(KEYS))
    assert parse_link(link()).signed_by == ()


def test_a_changed_byte_is_signed_by_nobody() -> None:
    data = link()
    for old, new in ((b"a" * 64, b"a" * 63 + b"b"), (b"rebuild go", b"rebuild gp")):
        assert parse_link(data.replace(old, new, 1), KEYS).signed_by == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"7",
        b"{}",
        link(_type="layout"),
        link(products={}),
        link(products={"x": {"sha512": "a" * 128}}),
        link(products={"x": {"sha256": "A" * 64}}),
        link(products={"a/x": {"sha256": "a" * 64}, "b/x": {"sha256": "a" * 64}}),
        link(products=["x"]),
        json.dumps({"signed": LINK, "signatures": [7]}).encode(),
        json.dumps({"signed": {**LINK, "name": 1.5}, "signatures": []}).encode(),
    ],
)
def test_what_is_no_link(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_link(data, KEYS)
