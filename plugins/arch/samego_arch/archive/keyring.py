"""Arch's keys, in the form that gpgv reads.

The package archlinux-keyring installs NAME.gpg with all packagers' keys and, beside it,
NAME-revoked with the fingerprints of revoked ones (pacman-key(8)). The file is
armored in some of its versions; gpgv wants it in binary form.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samego.errors import ConfigError
from samego.system.there import is_file
from samego_arch.archive.pacman_conf import PacmanConf

#: Where archlinux-keyring lies on Arch and on Debian.
_PLACES = ("usr/share/pacman/keyrings/archlinux.gpg", "usr/share/keyrings/archlinux.gpg")
#: pacman's own keyring, as pacman-key --init and GnuPG name it.
_OWN = ("pubring.gpg", "pubring.kbx")
_ARMOR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\n(?:[^\n]+: [^\n]*\n)*\n?"
    rb"(?P<body>[A-Za-z0-9+/=\n]+?)(?:\n=[A-Za-z0-9+/]{4})?\n-----END PGP PUBLIC KEY BLOCK-----"
)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys in binary form, and the fingerprints of those that were revoked."""

    path: Path
    revoked: frozenset[str]


def find_keyring(options: Mapping[str, object], root: Path, work: Path) -> Keyring:
    """The keyring to trust: the configuration's, else archlinux-keyring's, else pacman's.

    The binary form of an armored keyring is written to ``work``. Raises ConfigError when there is
    no keyring or it cannot be read.
    """
    named = options.get("keyring")
    own = PacmanConf(root).keys
    places = [root / place for place in _PLACES] + [own / name for name in _OWN]
    if isinstance(named, str) and named:
        places = [Path(named)]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        what = f"there is no keyring {named}" if named else "there is no keyring of Arch's keys"
        raise ConfigError(what, hint="install archlinux-keyring or set keyring in the table [arch]")
    revoked = path.with_name(f"{path.stem}-revoked")
    try:
        data = path.read_bytes()
        gone = revoked.read_text(encoding="ascii", errors="replace") if is_file(revoked) else ""
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})", hint="check its permissions"
        ) from error
    fingerprints = frozenset(line.strip().upper() for line in gone.splitlines() if line.strip())
    if data.startswith(b"-----BEGIN"):
        binary = work / path.name
        binary.write_bytes(_dearmored(data, path))
        path = binary
    return Keyring(path, fingerprints)


def _dearmored(data: bytes, path: Path) -> bytes:
    """The packets of all armored blocks (RFC 9580, section 6), one after the other."""
    try:
        blocks = [
            base64.b64decode(match["body"].replace(b"\n", b""), validate=True)
            for match in _ARMOR.finditer(data.replace(b"\r\n", b"\n"))
        ]
    except binascii.Error as error:
        raise ConfigError(
            f"{path} is not an armored keyring ({error})", hint="name another"
        ) from error
    if not blocks:
        raise ConfigError(f"{path} is not a keyring", hint="name another")
    return b"".join(blocks)
