"""The reports of the history: each compressed in a file that is named after its digest.

A file is written whole before a row speaks of it, so that no row is without its report; one
that no row speaks of (the process was killed) is found again when the same report comes.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from pathlib import Path

import zstandard

from samego.errors import HistoryError
from samego.report.load import LIMIT
from samego.system import atomic
from samego.system.terminal import visible

#: zstd's level: higher ones take twice the time for 3 % less.
_LEVEL = 9
#: Seconds after which an unfinished file is left over from a killed run.
_ABANDONED = 3600.0


class ReportFiles:
    """The reports below a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, data: bytes) -> str:
        """Keep a report; its digest. Raises OSError, and then leaves nothing behind."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if path.is_file():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(data)
        with atomic.replacing(path, sync=True, directory=self._directory) as file:
            file.write(packed)
        return digest

    def get(self, digest: str) -> bytes:
        """A report's bytes. Raises HistoryError for one that is missing or damaged."""
        path = self._path(digest)
        try:
            packed = path.read_bytes()
            data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=LIMIT)
        except FileNotFoundError as error:
            raise HistoryError(
                f"the history lacks the report {digest[:12]}",
                hint="import it again from where it is kept",
            ) from error
        except zstandard.ZstdError as error:
            raise self._damaged(path) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise self._damaged(path)
        return data

    def discard(self, digest: str) -> None:
        """Remove a report. Raises OSError."""
        self._path(digest).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes had not finished."""
        limit = time.time() - _ABANDONED
        for part in atomic.unfinished_in(self._directory):
            with suppress(OSError):
                if part.stat().st_mtime < limit:
                    part.unlink()

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / f"{digest}.json.zst"

    def _damaged(self, path: Path) -> HistoryError:
        return HistoryError(
            f"{visible(str(path))} is damaged",
            hint="remove it and import the report again",
        )
