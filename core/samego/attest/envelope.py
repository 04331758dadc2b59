"""DSSE envelopes (secure-systems-lab/dsse, envelope.md) around statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error
from securesystemslib.signer import CryptoSigner, SSlibKey

from samego.errors import InputError, VerificationError
from samego.report import strict_json
from samego.system.terminal import visible

PAYLOAD_TYPE = "application/vnd.in-toto+json"
#: No envelope is larger, in bytes: it names each path of a report.
LIMIT = 16 << 20


def seal(payload: bytes, signers: Sequence[CryptoSigner]) -> str:
    """An envelope as JSON, with one signature for each signer."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    for signer in signers:
        envelope.sign(signer)
    return json.dumps(envelope.to_dict(), indent=1, sort_keys=True) + "\n"


def unseal(path: Path, keys: Sequence[SSlibKey], threshold: int = 1) -> bytes:
    """The payload of an envelope that ``threshold`` of these keys have signed.

    Raises InputError for a file that cannot be read, VerificationError for one that is no
    envelope of a statement or that too few of the keys have signed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise InputError(
            f"{visible(str(path))} cannot be read ({error.strerror})", hint="name an envelope"
        ) from error
    distinct = {key.keyid: key for key in keys}
    if len(data) > LIMIT or not 0 < threshold <= len(distinct):
        raise InputError(
            f"{visible(path.name)} is too large"
            if len(data) > LIMIT
            else f"{threshold} signatures are required, and {len(distinct)} keys are given",
            hint="name an envelope with --verify, and each signer's key with --key",
        )
    try:
        envelope = Envelope.from_dict(strict_json.parse(data))
    except (ValueError, KeyError, TypeError, AttributeError, Error) as error:
        raise VerificationError(
            f"{visible(path.name)} is not a DSSE envelope ({type(error).__name__})",
            hint="name what 'samego attest' wrote",
        ) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError(
            f"{visible(path.name)} holds {visible(str(envelope.payload_type)[:80])}",
            hint=f"name an envelope of {PAYLOAD_TYPE}",
        )
    try:
        envelope.verify(list(distinct.values()), threshold)
    except (ValueError, Error) as error:
        raise VerificationError(
            f"{visible(path.name)} is not signed by"
            f" {'the key' if threshold == 1 else f'{threshold} of the keys'} given",
            hint="do not trust it: it was changed, or another key signed it",
        ) from error
    return envelope.payload
