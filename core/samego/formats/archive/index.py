"""Cached indexes of archives, so that they need not be unpacked again.

An index is derived data, kept by its archive's sha256 and sealed (samego.system.seal) together with
it: one that is damaged, of another layout, edited, or another user's is ignored. The index
of a module zip is also compared with the verified ``h1:`` hash (samego.upstream.open_tree).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from samego.model.tree import Entry, Kind
from samego.system import atomic
from samego.system.seal import Seal

_LAYOUT = "samego.index/3"
#: Bytes; a toolchain's has 2 MB.
_LONGEST = 64 << 20
#: At most so many words are searched for in an index; parsing it takes as long.
_FEW = 40


class IndexCache:
    """Indexes in a directory, one file each, written atomically."""

    def __init__(self, directory: Path, seal: Seal | None = None) -> None:
        self._directory = directory
        self._seal = seal or Seal()

    def load(self, sha256: str) -> Sequence[Sequence[Any]] | None:
        """The rows that were stored for an archive, or None."""
        try:
            with self._file(sha256).open("rb") as file:
                head, _, body = file.read(_LONGEST).partition(b"\n")
        except OSError:
            return None
        layout, _, seal = head.decode("ascii", "replace").partition(" ")
        if layout != _LAYOUT or not self._seal.holds(seal, _sealed(sha256, body)):
            return None
        rows: Sequence[Sequence[Any]] = json.loads(body)
        return rows

    def having(self, name: str, words: Collection[str]) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of each archive whose first row begins with a name and that has any word.

        With very many words every such archive's rows are given, whether they have one or not.
        """
        start = f'[["{name}'.encode("ascii")
        wanted = [word.encode("ascii") for word in words] if len(words) <= _FEW else [b""]
        for path in sorted(self._directory.glob("*.index")):
            with suppress(OSError), path.open("rb") as file:
                file.readline(_LONGEST)
                if file.read(len(start)) != start:
                    continue
                body = file.read(_LONGEST)
                rows = self.load(path.stem) if any(word in body for word in wanted) else None
                if rows is not None:
                    yield rows

    def store(self, sha256: str, rows: Iterable[Sequence[Any]]) -> None:
        """Remember an archive's rows; a cache that cannot be written is no error."""
        body = json.dumps(list(rows), separators=(",", ":")).encode("ascii")
        head = f"{_LAYOUT} {self._seal.of(_sealed(sha256, body))}\n".encode("ascii")
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            atomic.write(self._file(sha256), head + body, mode=atomic.PRIVATE)

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


def _sealed(sha256: str, body: bytes) -> bytes:
    """The sealed bytes: an index and the digest of its archive."""
    return b"%s %s\n%s" % (_LAYOUT.encode("ascii"), sha256.encode("ascii"), body)
