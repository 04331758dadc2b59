"""What is worked out once and asked for by several rules, which run at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

_T = TypeVar("_T")


class Memo:
    """Results by their key. Whoever asks for one that is being worked out waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._results: dict[Hashable, object] = {}

    def once(self, key: Hashable, work: Callable[[], _T]) -> _T:
        """The result of ``work``, called for the first who asks for ``key``.

        A key stands for one kind of result. What ``work`` raises is raised, and it is called
        again for the next one.
        """
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._results:
                self._results[key] = work()
            return cast("_T", self._results[key])
