"""DSSE envelopes (secure-systems-lab/dsse, envelope.md) around statements.

A Sigstore bundle (sigstore/protobuf-specs, sigstore_bundle.proto) is one with a hint at the key
that has signed it: the form that cosign is going to read alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from samego.errors import InputError, VerificationError
from samego.report import strict_json
from samego.system.terminal import visible

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SIGSTORE_SUFFIX = ".sigstore.json"
_SIGSTORE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_IN_SIGSTORE = "dsseEnvelope"
#: No envelope is larger, in bytes: it names each path of a report.
LIMIT = 16 << 20
#: No envelope has more signatures: each is tried with each key.
_MOST_SIGNATURES = 64


def seal(payload: bytes, signers: Sequence[CryptoSigner]) -> str:
    """An envelope as JSON, with one signature for each signer."""
    return json.dumps(_sealed(payload, signers), indent=1, sort_keys=True) + "\n"


def seal_line(payload: bytes, signers: Sequence[CryptoSigner]) -> str:
    """The same as one line of a bundle."""
    return json.dumps(_sealed(payload, signers), sort_keys=True, separators=(",", ":")) + "\n"


def seal_sigstore(payload: bytes, signers: Sequence[CryptoSigner]) -> str:
    """The same as a Sigstore bundle. Raises InputError for several signers: it has room for one."""
    if len(signers) != 1:
        raise InputError(
            f"a Sigstore bundle has one signature, and {len(signers)} keys are given",
            hint="sign with one --key, or write another form",
        )
    sealed = _sealed(payload, signers)
    (signature,) = sealed["signatures"]
    # cosign passes over a signature whose key id is not made as its own are; the hint is free.
    form = {
        "mediaType": _SIGSTORE,
        "verificationMaterial": {"publicKey": {"hint": signature["keyid"]}},
        _IN_SIGSTORE: {**sealed, "signatures": [{"keyid": "", "sig": signature["sig"]}]},
    }
    return json.dumps(form, indent=1, sort_keys=True) + "\n"


def unseal(path: Path, keys: Sequence[SSlibKey], threshold: int = 1) -> bytes:
    """The payload of an envelope that ``threshold`` of these keys have signed.

    Raises InputError for a file that cannot be read, VerificationError for one that is no
    envelope of a statement or that too few of the keys have signed.
    """
    data = read_file(path, LIMIT)
    check_threshold(keys, threshold)
    envelope = parse(data, name=visible(path.name))
    if len(signed_by(envelope, keys)) < threshold:
        raise VerificationError(
            f"{visible(path.name)} is not signed by"
            f" {'the key' if threshold == 1 else f'{threshold} of the keys'} given",
            hint="do not trust it: it was changed, or another key signed it",
        )
    payload: bytes = envelope.payload
    return payload


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of a file. Raises InputError where it cannot be read or has more than ``limit``."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(
            f"{visible(str(path))} cannot be read ({error.strerror})", hint="name an envelope"
        ) from error
    if len(data) > limit:
        raise InputError(f"{visible(path.name)} is too large", hint="name an envelope")
    return data


def check_threshold(keys: Sequence[SSlibKey], threshold: int) -> None:
    """Raises InputError for a threshold that these keys cannot reach."""
    distinct = len({key.keyid for key in keys})
    if not 0 < threshold <= distinct:
        raise InputError(
            f"{threshold} signatures are required, and {distinct} keys are given",
            hint="name an envelope with --verify, and each signer's key with --key",
        )


def parse(data: bytes, *, name: str) -> Envelope:
    """An envelope of a statement, also in a Sigstore bundle. Its signatures are not checked here.

    Raises VerificationError, naming ``name``, for anything else.
    """
    try:
        parsed = strict_json.parse(data)
        parsed = parsed.get(_IN_SIGSTORE, parsed)
        signatures = parsed["signatures"]
        envelope = Envelope.from_dict({**parsed, "signatures": _apart(signatures)})
    except (ValueError, KeyError, TypeError, AttributeError, Error) as error:
        raise VerificationError(
            f"{name} is not a DSSE envelope ({type(error).__name__})",
            hint="name what 'samego attest' wrote",
        ) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError(
            f"{name} holds {visible(str(envelope.payload_type)[:80])}",
            hint=f"name an envelope of {PAYLOAD_TYPE}",
        )
    return envelope


def signed_by(envelope: Envelope, keys: Sequence[SSlibKey]) -> tuple[SSlibKey, ...]:
    """Those of the keys, each once, that have signed an envelope.

    A signature's key id is a hint that may be missing (DSSE, protocol.md): each key is tried.
    """
    distinct = {key.keyid: key for key in keys}
    pae = envelope.pae()
    return tuple(
        key
        for key in distinct.values()
        if any(_verifies(key, each.signature, pae) for each in envelope.signatures.values())
    )


def _verifies(key: SSlibKey, signature: str, pae: bytes) -> bool:
    try:
        key.verify_signature(Signature(key.keyid, signature), pae)
    except (ValueError, Error):
        return False
    return True


def _apart(signatures: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Signatures under ids of their own: the library takes each id once, and wants one."""
    if len(signatures) > _MOST_SIGNATURES:
        raise ValueError("too many signatures")
    return [{"keyid": str(number), "sig": each["sig"]} for number, each in enumerate(signatures)]


def _sealed(payload: bytes, signers: Sequence[CryptoSigner]) -> dict[str, Any]:
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    for signer in signers:
        envelope.sign(signer)
    form: dict[str, Any] = envelope.to_dict()
    return form
