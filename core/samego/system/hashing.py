"""The SHA-256 of files, in lower-case hex."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol

CHUNK = 1 << 20


class _Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


def sha256_stream(stream: _Readable) -> tuple[int, str]:
    """The number of bytes in a stream, and their digest."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def sha256_file(path: Path) -> str:
    """The digest of a file. Raises OSError."""
    with path.open("rb") as file:
        return sha256_stream(file)[1]


def size_and_sha256(path: Path) -> tuple[int, str]:
    """How many bytes a file has, and their digest. Raises OSError."""
    with path.open("rb") as file:
        return sha256_stream(file)


def sha256_descriptor(descriptor: int) -> str:
    """The digest of an open file from its start; its position stays. Raises OSError."""
    digest, place = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, CHUNK, place):
        digest.update(chunk)
        place += len(chunk)
    return digest.hexdigest()
