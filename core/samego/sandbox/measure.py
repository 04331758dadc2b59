"""How much a directory holds while an untrusted program writes to it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from samego.sandbox.limits import SandboxLimits

#: The pause between two measures: in seconds, and as a multiple of a measure's own time.
_EVERY, _SPARING = 0.2, 10
#: Bytes that stay free on the disk: data in a deleted but open file shows only there.
FREE = 64 << 20
#: stat(2): st_blocks counts in these, whatever the file system's own are.
_BLOCK = 512


class Usage:
    """Whether a directory holds more than it may, measured from time to time."""

    def __init__(self, directory: Path, limits: SandboxLimits) -> None:
        self._directory = directory
        self._limits = limits
        self._next = time.monotonic() + _EVERY
        self._had_room = shutil.disk_usage(directory).free > FREE

    def exceeded(self, *, last: bool = False) -> bool:
        """Whether it does. Shortly after a measure it says no unmeasured, unless ``last``."""
        began = time.monotonic()
        if not last and began < self._next:
            return False
        full = self._had_room and shutil.disk_usage(self._directory).free < FREE
        too_much = full or self._holds_too_much()
        took = time.monotonic() - began
        self._next = time.monotonic() + max(_EVERY, _SPARING * took)
        return too_much

    def _holds_too_much(self) -> bool:
        """Whether files and bytes are too many, or cannot be counted.

        A directory that cannot be entered, or lies so deep that it cannot be named, hides
        what is in it: no tool that is meant to run here makes one.
        """
        entries = size = 0
        pending = [os.fspath(self._directory)]
        while pending:
            directory = pending.pop()
            try:
                with os.scandir(directory) as found:
                    for entry in found:
                        entries += 1
                        size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                        if entries > self._limits.entries or size > self._limits.written:
                            return True
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(entry.path)
            except FileNotFoundError:
                continue
            except OSError:
                return True
        return False
