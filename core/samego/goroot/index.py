"""Remembered indexes: what an archive holds, so that it need not be read again.

An index belongs to one archive by the archive's sha256. It is derived data: a file that
is damaged or of another layout is ignored and made anew. Like the rest of the cache it
is as trustworthy as the user's own home directory.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from samego.goroot.tree import Entry, Kind

_LAYOUT = "samego.index/2"


class IndexCache:
    """Indexes in a directory, one file each, written atomically."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, sha256: str) -> Sequence[Sequence[Any]] | None:
        """The rows stored for an archive, or None."""
        try:
            head, _, body = self._file(sha256).read_bytes().partition(b"\n")
        except OSError:
            return None
        if head.decode("ascii", "replace") != f"{_LAYOUT} {_digest(sha256, body)}":
            return None
        rows: Sequence[Sequence[Any]] = json.loads(body)
        return rows

    def store(self, sha256: str, rows: Iterable[Sequence[Any]]) -> None:
        """Remember an archive's rows; a cache that cannot be written is no error."""
        body = json.dumps(list(rows), separators=(",", ":")).encode("ascii")
        head = f"{_LAYOUT} {_digest(sha256, body)}\n".encode("ascii")
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._directory, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(head + body)
                Path(name).replace(self._file(sha256))
            except OSError:
                Path(name).unlink(missing_ok=True)

    def _file(self, sha256: str) -> Path:
        return self._directory / f"{sha256}.index"


def entry_rows(entries: Mapping[str, Entry]) -> list[list[Any]]:
    """Rows for the entries of a tree."""
    return [
        [entry.path, entry.kind.value, entry.mode, entry.size, entry.sha256, entry.link]
        for entry in entries.values()
    ]


def entries_of(rows: Iterable[Sequence[Any]]) -> dict[str, Entry]:
    """The entries that rows of entry_rows stand for."""
    return {
        path: Entry(path, Kind(kind), mode, size, sha256, link)
        for path, kind, mode, size, sha256, link in rows
    }


def _digest(sha256: str, body: bytes) -> str:
    return hashlib.sha256(sha256.encode("ascii") + body).hexdigest()
