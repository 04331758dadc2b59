"""What a rebuild will take, before it starts and while it runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Room that a build takes at its largest, and that each target leaves behind, in bytes
#: (go1.24.4: sources and build cache 2.2 GB, host 0.7 GB; archive and module zip 160 MB).
_HOST_BYTES, _TARGET_BYTES, _KEPT_BYTES = 3 << 30, 3 << 29, 200 << 20
#: CPU seconds of a host build and of a target: go1.24.4 and go1.26.10 took 400 to 700 and 230
#: to 380 of them on two cores of an amd64 machine, idle and busy.
HOST_SECONDS, TARGET_SECONDS = 600.0, 300.0
#: What somebody who ends a run can count on.
KEPT = "downloads and finished builds are kept, and the same command goes on from there"
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Estimate:
    """The work of a run: how many host builds and targets are left, over all bootstraps.

    ``jobs`` targets are built at the same time.
    """

    hosts: int
    targets: int
    jobs: int

    @property
    def seconds(self) -> float:
        """The CPU seconds that it takes."""
        return self.hosts * HOST_SECONDS + self.targets * TARGET_SECONDS

    @property
    def bytes(self) -> int:
        """The most room on the disk that it takes."""
        at_once = min(self.hosts, 1) * _HOST_BYTES + min(self.jobs, self.targets) * _TARGET_BYTES
        return at_once + self.hosts * (_HOST_BYTES // 4) + self.targets * _KEPT_BYTES


class Pace:
    """How long a run takes so far, and how long what is left will take at that pace.

    Safe for threads.
    """

    def __init__(self, estimate: Estimate, clock: Callable[[], float] = time.monotonic) -> None:
        self._left = estimate.seconds
        self._built = 0.0
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()

    def built(self, seconds: float) -> None:
        """Something was built that was estimated at these CPU seconds."""
        with self._lock:
            self._left -= seconds
            self._built += seconds

    def wall(self, seconds: float) -> float:
        """How long these CPU seconds will take: at the pace so far, else on all processors."""
        with self._lock:
            if not self._built:
                return seconds / (os.cpu_count() or 1)
            return (self._clock() - self._began) / self._built * seconds

    @property
    def summary(self) -> str:
        """``12 min so far, about 18 min left``; without the second part until it is known."""
        elapsed = self._clock() - self._began
        with self._lock:
            if not self._built:
                return f"{duration(elapsed)} so far"
            left = elapsed / self._built * max(self._left, 0.0)
        return f"{duration(elapsed)} so far, about {duration(left)} left"


def duration(seconds: float) -> str:
    """A duration for a person: ``40 s``, ``12 min``, ``2 h 05 min``."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {minutes:02d} min"
