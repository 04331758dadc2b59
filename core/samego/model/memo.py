"""Results that several rules need and that are computed once; rules run at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

_T = TypeVar("_T")


class Memo:
    """Results by their key. A caller waits for a result that another one is computing."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._results: dict[Hashable, object] = {}

    def once(self, key: Hashable, work: Callable[[], _T]) -> _T:
        """The result of ``work``, which runs for the first caller with this ``key``.

        A key stands for one kind of result. What ``work`` raises is raised, and the next
        caller runs it again.
        """
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._results:
                self._results[key] = work()
            return cast("_T", self._results[key])
