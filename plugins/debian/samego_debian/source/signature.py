"""Who signed a .dsc: gpgv with the keyrings of Debian's developers, where they are installed.

A .dsc is a clear-signed text (deb-src-control(5)). The package debian-keyring has the keys; the
status lines of gpgv are described in GnuPG's doc/DETAILS. A signature that cannot be checked for
lack of a key proves nothing and is no error; a bad signature is an error.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from samego.errors import InputError, VerificationError
from samego.model.inputs import DeclaredSource, Signature

#: Debian's package debian-keyring puts them there.
KEYRINGS = (
    Path("/usr/share/keyrings/debian-keyring.gpg"),
    Path("/usr/share/keyrings/debian-maintainers.gpg"),
)
_CLEAR_SIGNED = re.compile(
    rb"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: [A-Za-z0-9, ]+\n)*\n(?P<text>.*\n)"
    rb"-----BEGIN PGP SIGNATURE-----\n(?:[A-Za-z]+: [^\n]*\n)*\n?[A-Za-z0-9+/=\n]+"
    rb"-----END PGP SIGNATURE-----\n*",
    re.DOTALL,
)
_STATUS = "[GNUPG:] "
#: Hexadecimal digits of a long key ID; a fingerprint has more.
_KEY_ID = 16
_SECONDS = 60
_BEGIN = b"-----BEGIN PGP SIGNED MESSAGE-----"
#: A signature that was good when it was made; keys of old packages expire.
_GOOD = ("GOODSIG", "EXPKEYSIG")


def signed_text(data: bytes, *, name: str) -> bytes:
    """The one paragraph of a .dsc, .changes or .buildinfo: all that is signed, or all of it.

    Readers differ in how they read a file with text outside the signed part (RFC 9580, 7). Raises
    InputError for such a file.
    """
    text = data
    if b"-----BEGIN PGP" in data:
        match = _CLEAR_SIGNED.fullmatch(data)
        if match is None or b"-----" in match["text"].replace(b"\n- ", b"\n"):
            raise InputError(
                f"{name} has text outside its signed part",
                hint="get it again; samego reads files that are signed as a whole, or not at all",
            )
        text = match["text"].replace(b"\n- ", b"\n")
    if b"\r" in text or b"\0" in text or re.search(rb"\n[ \t]*\n[ \t]*\S", text.strip(b"\n")):
        raise InputError(
            f"{name} has more than one paragraph, or characters that no such file has",
            hint="get it again",
        )
    return text


def signed_by(dsc: Path, keyrings: Sequence[Path] = KEYRINGS) -> DeclaredSource:
    """A .dsc with what is known of its signature.

    Raises VerificationError for a signature of other bytes or by a revoked key, OSError for a
    file that cannot be read.
    """
    data = dsc.read_bytes()
    about = DeclaredSource(dsc.name, hashlib.sha256(data).hexdigest())
    if not data.startswith(_BEGIN):
        return about
    rows = _status(dsc, [path for path in keyrings if path.is_file()])
    found = {row[0]: row[1:] for row in rows if row}
    for word, what in (("BADSIG", "of other bytes"), ("REVKEYSIG", "by a key that was revoked")):
        if word in found:
            raise VerificationError(
                f"the signature of {dsc.name} is {what} (key {found[word][0]})",
                hint="get the source package again, from a source you trust",
            )
    valid = found.get("VALIDSIG", [])
    good = next((found[word] for word in _GOOD if word in found), None)
    if good is None or not valid:
        # The ID, and since GnuPG 2.2 the fingerprint as the last word.
        key = (found.get("ERRSIG") or [""])[-1]
        if len(key) < _KEY_ID:
            key = (found.get("ERRSIG") or [""])[0]
        return DeclaredSource(about.name, about.sha256, Signature.UNCHECKED, key)
    return DeclaredSource(about.name, about.sha256, Signature.GOOD, valid[-1], " ".join(good[1:]))


def _status(dsc: Path, keyrings: Sequence[Path]) -> list[list[str]]:
    """Gpgv's status lines, word by word; none where it is not installed or does not end."""
    # Without an explicit keyring, gpgv would use the user's own.
    named = [word for path in keyrings or [Path("/dev/null")] for word in ("--keyring", str(path))]
    command = ["gpgv", "--status-fd", "1", *named, "--", str(dsc.absolute())]
    try:
        run = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    return [line.removeprefix(_STATUS).split() for line in lines if line.startswith(_STATUS)]
