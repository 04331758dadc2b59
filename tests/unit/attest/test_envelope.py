"""The envelope by itself: every byte of it that is changed is noticed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from samego.attest.envelope import seal, seal_sigstore, unseal
from samego.attest.keys import load_public, load_signer, new_key
from samego.errors import InputError, VerificationError

PAYLOAD = b'{"a": 1}'


@pytest.fixture
def keys(tmp_path: Path) -> list[Path]:
    made = [tmp_path / name for name in ("one", "two", "three")]
    for path in made:
        new_key(path)
    return made


def sealed(tmp_path: Path, *signers: Path) -> Path:
    file = tmp_path / "envelope.json"
    file.write_text(seal(PAYLOAD, [load_signer(path) for path in signers]), "utf-8")
    return file


def opened(file: Path, *keys: Path, threshold: int = 1) -> bytes:
    public = [load_public(path.with_name(f"{path.name}.pub")) for path in keys]
    return unseal(file, public, threshold)


def test_the_form(tmp_path: Path, keys: list[Path]) -> None:
    data = json.loads(sealed(tmp_path, keys[0]).read_text("utf-8"))
    assert data.keys() == {"payload", "payloadType", "signatures"}
    assert data["payloadType"] == "application/vnd.in-toto+json"
    assert base64.b64decode(data["payload"]) == PAYLOAD
    assert [signature.keys() for signature in data["signatures"]] == [{"keyid", "sig"}]


def test_any_key_of_several_will_do(tmp_path: Path, keys: list[Path]) -> None:
    file = sealed(tmp_path, keys[0])
    assert opened(file, keys[0]) == PAYLOAD
    assert opened(file, keys[1], keys[0]) == PAYLOAD  # the new key and the old one
    with pytest.raises(VerificationError, match="not signed by the key given"):
        opened(file, keys[1])


def test_a_threshold(tmp_path: Path, keys: list[Path]) -> None:
    file = sealed(tmp_path, keys[0], keys[1])
    assert opened(file, *keys, threshold=2) == PAYLOAD
    with pytest.raises(VerificationError, match="not signed by 3 of the keys"):
        opened(file, *keys, threshold=3)
    with pytest.raises(InputError, match="2 signatures are required"):
        opened(file, keys[0], keys[0], threshold=2)
    with pytest.raises(InputError, match="0 signatures are required"):
        opened(file, keys[0], threshold=0)


def test_every_changed_byte_of_payload_and_signature_is_refused(
    tmp_path: Path, keys: list[Path]
) -> None:
    file = sealed(tmp_path, keys[0])
    whole = json.loads(file.read_text("utf-8"))
    payload = base64.b64decode(whole["payload"])
    signature = base64.b64decode(whole["signatures"][0]["sig"])
    changed: list[dict[str, Any]] = [
        {**whole, "payload": _b64(_flip(payload, place))} for place in range(len(payload))
    ]
    for place in range(len(signature)):
        entry = {**whole["signatures"][0], "sig": _b64(_flip(signature, place))}
        changed.append({**whole, "signatures": [entry]})
    for data in changed:
        file.write_text(json.dumps(data), "utf-8")
        with pytest.raises(VerificationError, match="not signed by the key"):
            opened(file, keys[0])


def test_another_payload_type_is_refused_and_is_signed_too(
    tmp_path: Path, keys: list[Path]
) -> None:
    file = sealed(tmp_path, keys[0])
    data = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**data, "payloadType": "text/plain"}), "utf-8")
    with pytest.raises(VerificationError, match="holds text/plain"):
        opened(file, keys[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"payload": 1, "payloadType": 2, "signatures": 3}',
        b'{"payload": "!", "payloadType": "x", "signatures": [{}]}',
        b'{"payload": "", "payloadType": "x", "signatures": [1]}',
        b'{"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": []}',
        b'{"payload": "", "payloadType": "x", "signatures": [{"sig": "", "keyid": 5}]}',
    ],
)
def test_what_is_no_envelope(tmp_path: Path, keys: list[Path], data: bytes) -> None:
    file = tmp_path / "e"
    file.write_bytes(data)
    with pytest.raises(VerificationError):
        opened(file, keys[0])


def test_a_sigstore_bundle_holds_one(tmp_path: Path, keys: list[Path]) -> None:
    signers = [load_signer(path) for path in keys]
    text = seal_sigstore(PAYLOAD, signers[:1])
    data = json.loads(text)
    assert data["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert data["dsseEnvelope"]["signatures"][0]["keyid"] == ""
    keyid = load_public(keys[0].with_name("one.pub")).keyid
    assert data["verificationMaterial"] == {"publicKey": {"hint": keyid}}
    file = tmp_path / "x.sigstore.json"
    file.write_text(text, "utf-8")
    assert opened(file, keys[0]) == PAYLOAD
    with pytest.raises(VerificationError, match="not signed by the key"):
        opened(file, keys[1])
    with pytest.raises(InputError, match="2 keys are given"):
        seal_sigstore(PAYLOAD, signers[:2])


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
