"""Who signed a source package, by the real gpgv."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.errors import VerificationError
from samego.model.inputs import DeclaredSource, Signature
from samego_debian.source.signature import signed_by
from support.pgp import Keys, throw_away_keys

TEXT = b"Format: 3.0 (quilt)\nSource: golang-1.24\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    with throw_away_keys(tmp_path_factory.mktemp("gpg") / "home", "alice", "mallory") as made:
        yield made


@pytest.fixture
def keyring(keys: Keys, tmp_path: Path) -> Path:
    path = tmp_path / "debian-keyring.gpg"
    path.write_bytes(keys.keyring("alice"))
    return path


def written(keys: Keys, name: str, tmp_path: Path) -> Path:
    path = tmp_path / "go.dsc"
    path.write_bytes(keys.gpg("--local-user", name, "--clearsign", "--output", "-", data=TEXT))
    return path


def test_a_good_signature_names_who_made_it(keys: Keys, keyring: Path, tmp_path: Path) -> None:
    dsc = written(keys, "alice", tmp_path)
    assert signed_by(dsc, [tmp_path / "none.gpg", keyring]) == DeclaredSource(
        "go.dsc",
        hashlib.sha256(dsc.read_bytes()).hexdigest(),
        Signature.GOOD,
        keys.fingerprint("alice"),
        "alice <alice@example.org>",
    )


@pytest.mark.parametrize("with_keyring", [True, False])
def test_a_key_that_is_in_no_keyring_vouches_for_nothing(
    keys: Keys, keyring: Path, tmp_path: Path, *, with_keyring: bool
) -> None:
    found = signed_by(written(keys, "mallory", tmp_path), [keyring] if with_keyring else [])
    assert (found.signature, found.signer) == (Signature.UNCHECKED, "")
    assert found.key == keys.fingerprint("mallory")


def test_a_signature_of_other_bytes_is_an_error(keys: Keys, keyring: Path, tmp_path: Path) -> None:
    dsc = written(keys, "alice", tmp_path)
    dsc.write_bytes(dsc.read_bytes().replace(b"golang-1.24", b"golang-1.25"))
    with pytest.raises(VerificationError, match=r"the signature of go\.dsc is of other bytes"):
        signed_by(dsc, [keyring])


def test_without_gpgv_nothing_is_said(
    keys: Keys, keyring: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsc = written(keys, "alice", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = signed_by(dsc, [keyring])
    assert replace(found, sha256="") == DeclaredSource("go.dsc", "", Signature.UNCHECKED)


def test_what_is_not_signed(tmp_path: Path) -> None:
    dsc = tmp_path / "go.dsc"
    dsc.write_bytes(TEXT)
    assert signed_by(dsc).signature is Signature.NONE
