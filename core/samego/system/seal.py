"""Seals records in the cache with a keyed digest, so that only the user's own records count.

Records keep what cannot be computed again (which index go.dev served, and when). Every user
who can write to the cache could forge one. So each record carries an HMAC-SHA256 (RFC 2104) under
a key outside the cache, in the user's state directory, out of reach of builds, other users and
copied caches. Where no such file can be made, the key and its records hold for this run only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import platformdirs

_SIZE = 32
_NAME = "cache.key"


def key_file() -> Path:
    """The path of the user's key."""
    return Path(platformdirs.user_state_dir("samego")) / _NAME


class Seal:
    """Seals with the key in one file (the user's), which is made when it is first needed."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._key: bytes | None = None

    def of(self, data: bytes) -> str:
        """The seal of these bytes, in hex."""
        return hmac.new(self._get(), data, hashlib.sha256).hexdigest()

    def holds(self, seal: object, data: bytes) -> bool:
        """Whether this is the seal of these bytes."""
        return isinstance(seal, str) and hmac.compare_digest(
            seal.encode("utf-8", "replace"), self.of(data).encode()
        )

    def _get(self) -> bytes:
        if self._key is None:
            path = self._path or key_file()
            try:
                self._key = _read(path) or _made(path)
            except OSError:
                self._key = secrets.token_bytes(_SIZE)
        return self._key


def _read(path: Path) -> bytes | None:
    """The key; None where there is no key file that only the user can read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        key = os.read(descriptor, _SIZE + 1)
    finally:
        os.close(descriptor)
    own = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return key if own and len(key) == _SIZE else None


def _made(path: Path) -> bytes:
    """A new key. Where two processes make one, both use the first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_SIZE))
        os.close(descriptor)
        try:
            os.link(new, path)
        except FileExistsError:
            if _read(path) is None:
                new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return _read(path) or secrets.token_bytes(_SIZE)
