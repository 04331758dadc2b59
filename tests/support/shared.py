"""What is made once in a run of the tests, whichever of its workers first asks for it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


class Shared:
    """Files below a directory that all workers of a run know. Nobody may change them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(exist_ok=True)

    def file(self, name: str, make: Callable[[Path], object]) -> Path:
        """The file of this name. ``make`` writes it; other workers wait for it meanwhile."""
        path = self._directory / name
        with (self._directory / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                part = self._directory / f"{name}.part"
                make(part)
                part.rename(path)
        return path


def roomy_memory(size: int) -> Path | None:
    """A directory in memory that has room for ``size`` bytes and may run programs; else None.

    Tens of thousands of files take a disk minutes to write and to remove.
    """
    place = Path("/dev/shm")  # noqa: S108 - whoever makes a directory there takes a new name
    try:
        state = os.statvfs(place)
    except OSError:
        return None
    fits = state.f_bavail * state.f_frsize >= size and not state.f_flag & os.ST_NOEXEC
    return place if fits and os.access(place, os.W_OK) else None
