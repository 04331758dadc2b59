"""A run's memory: kept small, and searched for garbage only where there may be some."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator

#: glibc's malloc.h.
_M_ARENA_MAX = -8
#: Objects made between two searches for garbage (Python's own: 700). A tree has a hundred
#: thousand that stay, and next to none that refer to each other in a circle.
_OBJECTS = 50_000


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load modules: they stay, so that no search for garbage goes through them, now or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS, 20, 50)
        gc.enable()


def share_one_arena() -> None:
    """Let all threads allocate from one arena, where the C library is glibc.

    By default each thread has an arena of its own that keeps what the thread freed: reading
    executables of 25 MB in four threads holds 70 MB more at the peak, for nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
