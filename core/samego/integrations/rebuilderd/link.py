"""The attestations of rebuilderd: an in-toto link, signed by the worker and by the daemon.

Format: rebuilderd 0.28, worker/src/rebuild.rs and daemon/src/attestation.rs; in-toto's link
metadata, whose signatures are over the canonical JSON of ``signed``. A worker makes one only for an
artifact that came out the same: its one product is that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.exceptions import Error
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import Signature, SSlibKey

from samego.quorum.public_key import PublicKey
from samego.report import strict_json

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RebuildLink:
    """The sha256 of each product by its file name, and which of the keys have signed that."""

    products: Mapping[str, str]
    signed_by: tuple[PublicKey, ...]


def parse_link(data: bytes, keys: Iterable[PublicKey] = ()) -> RebuildLink:
    """Read a link. Raises ValueError, with a phrase, for anything else."""
    return read_link(strict_json.parse(data), keys)


def read_link(document: Any, keys: Iterable[PublicKey] = ()) -> RebuildLink:  # noqa: ANN401 - JSON
    """Read a link that was parsed from JSON. Raises ValueError as :func:`parse_link`."""
    try:
        signed, signatures = document["signed"], document["signatures"]
        if signed["_type"] != "link" or not isinstance(signatures, list):
            raise ValueError("it is no in-toto link")
        products = {
            str(path).rpartition("/")[2]: digests["sha256"]
            for path, digests in signed["products"].items()
        }
        given = [Signature.from_dict(dict(each)) for each in signatures]
        canonical = str(encode_canonical(signed)).encode()
    except (KeyError, TypeError, AttributeError, Error, RecursionError) as error:
        raise ValueError("it is no in-toto link") from error
    if not products or len(products) != len(signed["products"]):
        raise ValueError("it names no product, or one twice")
    if not all(isinstance(each, str) and _SHA256.fullmatch(each) for each in products.values()):
        raise ValueError("a product's sha256 is none")
    signers = tuple(key for key in keys if any(_holds(key, each, canonical) for each in given))
    return RebuildLink(products, signers)


def _holds(key: PublicKey, signature: Signature, data: bytes) -> bool:
    """Whether a signature is this key's. Ids of keys are hints: each tool makes them otherwise."""
    try:
        known = SSlibKey.from_crypto(load_der_public_key(key.der))
        known.verify_signature(Signature(known.keyid, signature.signature), data)
    except (Error, ValueError):
        return False
    return True
