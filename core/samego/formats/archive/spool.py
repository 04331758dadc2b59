"""Bytes that a pass over a stream kept for the rules, in one unnamed temporary file."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from pathlib import Path

from samego.errors import DiskFullError


class Spool:
    """Keeps byte strings by key in a temporary file that has no name.

    The file disappears with the process, however that ends. Safe for threads.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=directory, prefix="samego-", buffering=0)  # noqa: SIM115 - closed by close()
        self._where: dict[str, tuple[int, int]] = {}
        self._end = 0
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._where

    def add(self, key: str, data: bytes) -> None:
        """Keep ``data`` under ``key``. Raises DiskFullError when the disk is full."""
        with self._lock:
            offset, self._end = self._end, self._end + len(data)
            self._where[key] = (offset, len(data))
        view = memoryview(data)
        try:
            while view:
                written = os.pwrite(self._file.fileno(), view, offset)
                offset, view = offset + written, view[written:]
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise DiskFullError(
                    f"no disk space is left for temporary files in {tempfile.gettempdir()}",
                    hint="free some hundred megabytes there or set TMPDIR",
                ) from error
            raise

    def read(self, key: str) -> bytes:
        """The bytes kept under ``key``. Raises KeyError when there are none."""
        offset, size = self._where[key]
        parts = []
        while size:
            part = os.pread(self._file.fileno(), size, offset)
            if not part:
                raise KeyError(key)
            parts.append(part)
            offset, size = offset + len(part), size - len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Free the space."""
        self._file.close()
