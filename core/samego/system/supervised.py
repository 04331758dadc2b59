"""A run that ends in time, whatever it does: a copy of this process does it, and this one watches.

A thread that waits in the kernel, or in a library, cannot be ended from within; a process can.
So :func:`run` makes a copy (fork(2)) that does the work, and waits for it. A copy that takes too
long is asked to end, and killed with all that it has started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from samego.system.processes import family

#: prctl(2), linux/prctl.h.
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
#: Seconds that a copy has to end in order, so that nothing of its own is left behind.
GRACE = 20.0
#: The status of a copy whose work did raise something.
_BROKEN = 70
#: How often it is checked whether what was killed is gone, and the seconds between.
_ROUNDS, _PAUSE = 100, 0.01


@dataclass(frozen=True, slots=True)
class End:
    """How a copy ended: its exit status, or minus a signal's number; ``late`` when it was ended."""

    status: int
    late: bool


def run(work: Callable[[], int], deadline: float, grace: float = GRACE) -> End:
    """Have a copy of this process do some work; how it ended, after at most ``deadline``.

    ``work`` gives the copy's exit status, and lets nothing be raised. To be called while there
    is one thread. What ends this process ends the copy. ``deadline`` and ``grace`` are in
    seconds. Raises OSError when no copy can be made.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    others = frozenset(family(parent))
    # What the copy's own children leave behind becomes ours, to be ended as well.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    copy = os.fork()
    if copy == 0:
        _be_copy(work, parent)
    status: int | None = None
    try:
        status = _ended_within(copy, deadline)
        if status is not None:
            return End(status, late=False)
        status = _end(copy, grace)
        return End(status, late=True)
    finally:
        if status is None:  # a signal came for this process
            _end(copy, grace)
        _kill_rest(parent, others)
        _prctl(_PR_SET_CHILD_SUBREAPER, 0)


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """End, when the context ends, what was started in it and is still there, at any depth.

    Processes of other users stay, where this one may not end them.
    """
    me = os.getpid()
    others = frozenset(family(me))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        _kill_rest(me, others)
        _prctl(_PR_SET_CHILD_SUBREAPER, 0)


def _be_copy(work: Callable[[], int], parent: int) -> NoReturn:
    status = _BROKEN
    try:
        _prctl(_PR_SET_CHILD_SUBREAPER, 0)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == parent:
            status = work()
    finally:
        # Nothing that was begun before the copy was made is ended by it.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _end(copy: int, grace: float) -> int:
    """Ask a copy to end, then kill it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(copy, signal.SIGTERM)
    status = _ended_within(copy, grace)
    if status is None:
        os.kill(copy, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    return status


def _ended_within(copy: int, seconds: float) -> int | None:
    """A copy's status, once it has ended; None when it has not after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        pid, raw = os.waitpid(copy, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(raw)
        if time.monotonic() >= end:
            return None
        time.sleep(_PAUSE)


def _kill_rest(parent: int, others: frozenset[int]) -> None:
    """Kill what the copy has started and left; ``others`` were there before it."""
    for _ in range(_ROUNDS):  # what is killed may leave children of its own
        rest = [pid for pid in family(parent) if pid not in others]
        if not rest:
            return
        for pid in rest:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE)
        for pid in rest:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
