"""Keys for signed results: PEM files, as openssl writes and reads them.

A private key is PKCS 8, a public one SubjectPublicKeyInfo (RFC 5958, RFC 5280). Keys made
here are Ed25519; ECDSA and RSA keys of others can be used as well.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from samego.errors import InputError
from samego.system.terminal import visible

#: Where the passphrase of an encrypted key is read.
PASSPHRASE = "SAMEGO_KEY_PASSPHRASE"  # noqa: S105 - the variable's name
#: No key file is larger, in bytes.
_LARGEST = 1 << 16
_OTHERS = 0o077


def load_signer(path: Path) -> CryptoSigner:
    """A private key to sign with.

    Raises InputError for a file that is no private key, that others may read, or whose
    passphrase is missing.
    """
    data = _read(path)
    if path.stat().st_mode & _OTHERS:
        raise InputError(
            f"the key {visible(str(path))} can be read by other users", hint=f"chmod 600 {path}"
        )
    secret = os.environ.get(PASSPHRASE, "").encode() or None
    try:
        return CryptoSigner(load_pem_private_key(data, secret))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"{visible(str(path))} is not a usable private key ({error})",
            hint=f"give a PEM file (PKCS 8); the passphrase of an encrypted one in {PASSPHRASE}",
        ) from error


def load_public(path: Path) -> SSlibKey:
    """A public key to verify with. Raises InputError for any other file."""
    try:
        return SSlibKey.from_crypto(load_pem_public_key(_read(path)))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"{visible(str(path))} is not a usable public key ({error})",
            hint="give a PEM file, such as the .pub that --new-key writes",
        ) from error


def new_key(path: Path) -> Path:
    """Make an Ed25519 key: the private one in ``path``, the public one beside it.

    Returns the public one's path. Raises InputError where one of them is there already or
    cannot be written.
    """
    public = path.with_name(f"{path.name}.pub")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    open_part = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if public.exists():
        raise _not_written(public, "it is there already")
    _write(path, secret, 0o600)
    try:
        _write(public, open_part, 0o644)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return public


def _write(path: Path, data: bytes, mode: int) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(number, "wb") as file:
            file.write(data)
    except OSError as error:
        raise _not_written(path, error.strerror or str(error)) from error


def _not_written(path: Path, why: str) -> InputError:
    return InputError(
        f"the key {visible(str(path))} cannot be written ({why})",
        hint="name another file: samego does not overwrite keys",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(
            f"the key {visible(str(path))} cannot be read ({error.strerror})",
            hint="name a key file",
        ) from error
    if len(data) > _LARGEST:
        raise InputError(f"{visible(str(path))} is too large for a key", hint="name a key file")
    return data
