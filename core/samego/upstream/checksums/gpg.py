"""OpenPGP signatures of go.dev/dl's files, checked by gpgv.

go.dev/dl posts ``NAME.asc`` beside each archive, made with Google's Linux packages
signing key. samego ships no key: the keyring is the user's, named in the configuration,
and must hold the key with the fingerprint below (go.dev/dl says which it is).
The status lines are described in GnuPG's doc/DETAILS.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

from samego.errors import ConfigError, ToolError, VerificationError
from samego.model.verification import Verification

#: The primary key that signs what go.dev/dl posts.
FINGERPRINT = "EB4C1BFD4F042F6DDDCCEC917721F63BD38B4796"

_STATUS = "[GNUPG:] "
_TIMEOUT = 120.0
# Position of the primary key's fingerprint among VALIDSIG's arguments.
_PRIMARY = 9


def verify_signature(
    signature: Path,
    data: Path,
    keyring: Path,
    *,
    fingerprint: str | None = FINGERPRINT,
    revoked: Collection[str] = (),
    names: tuple[str, str] = ("", ""),
) -> Verification:
    """Check a detached signature with gpgv; return what it rests on.

    ``keyring`` is in GnuPG's binary form. ``names`` are what a message calls the signature and
    the data, where their files' names say nothing. Raises VerificationError unless exactly one
    good signature by the key with this primary fingerprint is there (None: by any key of
    the keyring but those in ``revoked``), ConfigError when there is no keyring and ToolError
    when gpgv is missing or does not end.
    """
    signed_by, signed = (
        name or path.name for name, path in zip(names, (signature, data), strict=True)
    )
    if not keyring.is_file():
        raise ConfigError(f"there is no keyring {keyring}", hint="correct its path")
    lines = _status(signature, data, keyring)
    words = [line.removeprefix(_STATUS).split() for line in lines if line.startswith(_STATUS)]
    valid = [row[1:] for row in words if row[:1] == ["VALIDSIG"]]
    good = [row for row in words if row[:1] == ["GOODSIG"]]
    if len(valid) != 1 or len(good) != 1 or len(valid[0]) <= _PRIMARY:
        raise VerificationError(
            f"{signed_by} is not a valid signature of {signed} ({_reason(words)})",
            hint="take the file from another channel, and check that the keyring is up to date",
        )
    primary = valid[0][_PRIMARY]
    if {primary, valid[0][0]} & set(revoked):
        raise VerificationError(
            f"{signed} is signed by the key {primary}, which was revoked",
            hint="do not install it; get the package again from its source",
        )
    if fingerprint is not None and primary != fingerprint:
        raise VerificationError(
            f"{signed} is signed by the key {primary}, not by {fingerprint}",
            hint="name a keyring with only the keys that sign Go's releases",
        )
    return Verification(
        how="OpenPGP signature, by gpgv", rests_on=f"key {primary} in {keyring.name}"
    )


def _status(signature: Path, data: Path, keyring: Path) -> list[str]:
    command = ["gpgv", "--status-fd", "1", "--keyring", str(keyring.resolve())]
    command += ["--", str(signature.resolve()), str(data.resolve())]
    try:
        run = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError as error:
        raise ToolError(
            "gpgv is not installed", hint="install it (Debian: gpgv, Arch: gnupg)"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"gpgv did not end within {_TIMEOUT:g} s", hint="try again") from error
    return run.stdout.decode("utf-8", "replace").splitlines()


def _reason(words: list[list[str]]) -> str:
    """A phrase for the status lines that reject the signature."""
    phrases = {
        "BADSIG": "it is of other bytes",
        "EXPSIG": "it has expired",
        "EXPKEYSIG": "its key has expired",
        "REVKEYSIG": "its key was revoked",
        "NO_PUBKEY": "the keyring does not hold its key",
        "ERRSIG": "it cannot be checked",
        "NODATA": "it holds no signature",
    }
    seen = {row[0] for row in words if row}
    return next((phrase for word, phrase in phrases.items() if word in seen), "gpgv says no")
