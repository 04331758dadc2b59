"""Wall time, CPU time and memory of a command with everything that it starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: seconds of wall and CPU (user and system), bytes of memory.

    ``memory`` is the largest sum of resident memory over the command's processes that was
    seen when sampled every 20 ms. The kernel's own ru_maxrss would not do: it counts what
    this process held when it started the command.
    """

    wall: float
    cpu: float
    memory: int


def measure(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    statuses: Sequence[int] = (0,),
) -> Usage:
    """Run a command and say what it took. Raises RuntimeError for another exit status."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        # wait4(2) counts the children that the command itself has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
        if process.returncode not in statuses:
            errors.seek(0)
            raise RuntimeError(
                f"{' '.join(map(str, command))} ended with {process.returncode}:\n"
                + errors.read().decode("utf-8", "replace")
            )
    return Usage(wall, usage.ru_utime + usage.ru_stime, sampler.peak)


def median(usages: Sequence[Usage]) -> Usage:
    """The median of each quantity."""
    return Usage(
        statistics.median(usage.wall for usage in usages),
        statistics.median(usage.cpu for usage in usages),
        int(statistics.median(usage.memory for usage in usages)),
    )


class _Sampler(threading.Thread):
    """Adds up the resident memory of all processes in a session, again and again."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._session = session
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, self._resident())

    def stop(self) -> None:
        """End the thread."""
        self._stop_asked.set()
        self.join()

    def _resident(self) -> int:
        total = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                # proc(5): after the name in parentheses come state, ppid, pgrp, session.
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace")
                values = fields.rpartition(")")[2].split()
                if int(values[3]) == self._session:
                    total += int(values[21]) * _PAGE
            except (OSError, IndexError, ValueError):
                continue  # it has ended meanwhile
        return total
