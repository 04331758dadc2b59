"""Throw-away OpenPGP keys and detached signatures, made by the real gpg."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Keys:
    """A home of gpg with one key for each name given to :func:`throw_away_keys`."""

    home: Path

    def gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run gpg in this home."""
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--no-tty"]
        command += ["--pinentry-mode", "loopback", "--passphrase", ""]
        done = subprocess.run([*command, *arguments], input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def fingerprint(self, name: str) -> str:
        """A key's fingerprint."""
        rows = self.gpg("--with-colons", "--list-keys", name).decode().splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith("fpr:"))

    def keyring(self, *names: str, armor: bool = False) -> bytes:
        """The public keys, as a keyring."""
        return self.gpg(*["--armor"][: int(armor)], "--export", *names)

    def sign(self, name: str, data: bytes) -> bytes:
        """A detached signature."""
        return self.gpg("--local-user", name, "--detach-sign", "--output", "-", data=data)


@contextmanager
def throw_away_keys(home: Path, *names: str) -> Iterator[Keys]:
    """Keys for these names in a home of their own; the agent ends with the block."""
    home.mkdir(mode=0o700)
    keys = Keys(home)
    try:
        for name in names:
            keys.gpg("--quick-generate-key", f"{name} <{name}@example.org>", "ed25519", "sign", "0")
        yield keys
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
