from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from samego.attest.keys import PASSPHRASE, load_public, load_signer, new_key
from samego.errors import InputError


def test_a_new_key_signs_and_its_public_half_verifies(tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    assert public == tmp_path / "key.pub"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    signature = load_signer(tmp_path / "key").sign(b"text")
    load_public(public).verify_signature(signature, b"text")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"key\.pub cannot be written"):
        new_key(tmp_path / "key")
    assert not (tmp_path / "key").exists()
    (tmp_path / "other").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        new_key(tmp_path / "other")
    assert (tmp_path / "other").read_text("utf-8") == "mine"
    assert not (tmp_path / "other.pub").exists()


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(InputError, match="can be read by other users"):
        load_signer(tmp_path / "key")


@pytest.mark.parametrize("algorithm", ["ed25519", "EC", "RSA"])
def test_openssls_keys(tmp_path: Path, algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key, public = tmp_path / "key", tmp_path / "key.pub"
    options = {"EC": ["-pkeyopt", "ec_paramgen_curve:P-256"]}.get(algorithm, [])
    command = ["openssl", "genpkey", "-algorithm", algorithm, *options, "-out", str(key)]
    subprocess.run([*command, "-aes256", "-pass", "pass:secret"], check=True, capture_output=True)
    key.chmod(0o600)
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-passin", "pass:secret", "-pubout", "-out", public],
        check=True,
        capture_output=True,
    )
    with pytest.raises(InputError, match="not a usable private key"):
        load_signer(key)
    monkeypatch.setenv(PASSPHRASE, "secret")
    load_public(public).verify_signature(load_signer(key).sign(b"text"), b"text")


@pytest.mark.parametrize("data", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", b"x" * 100_000])
def test_what_is_no_key(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(data)
    file.chmod(0o600)
    for load in (load_signer, load_public):
        with pytest.raises(InputError):
            load(file)


def test_each_half_in_the_others_place(tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    public.chmod(0o600)
    with pytest.raises(InputError, match="not a usable private key"):
        load_signer(public)
    with pytest.raises(InputError, match="not a usable public key"):
        load_public(tmp_path / "key")
    with pytest.raises(InputError, match="cannot be read"):
        load_public(tmp_path / "none")
