"""A run that ends in time in any case: a forked copy of this process works, this one watches.

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
#: Seconds that a copy has to clean up and end.
GRACE = 20.0
#: The status of a copy whose work raised an exception.
_BROKEN = 70
#: How often, and at what interval in seconds, killed processes are checked.
_ROUNDS, _PAUSE = 100, 0.01


@dataclass(frozen=True, slots=True)
class End:
    """How a copy ended: its exit status, or minus a signal's number; ``late`` when it was ended."""

    status: int
    late: bool


def run(work: Callable[[], int], deadline: float, grace: float = GRACE) -> End:
    """Do some work in a copy of this process; how the copy ended, after at most ``deadline``.

    ``work`` returns the copy's exit status and raises nothing. Call it while there is only one
    thread. A signal that ends this process ends the copy. ``deadline`` and ``grace`` are in
    seconds. Raises OSError when no copy can be made.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    others = frozenset(family(parent))
    # Orphans of the copy become our children, to be ended as well.
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
        if status is None:  # a signal ended this process
            _end(copy, grace)
        _kill_rest(parent, others)
        _prctl(_PR_SET_CHILD_SUBREAPER, 0)


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """End all processes that the context started, at any depth, when it ends.

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
        # The copy ends nothing that ran before it.
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
    """A copy's status when it ends; None when it has not ended after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        pid, raw = os.waitpid(copy, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(raw)
        if time.monotonic() >= end:
            return None
        time.sleep(_PAUSE)


def _kill_rest(parent: int, others: frozenset[int]) -> None:
    """Kill what the copy started and left; ``others`` ran before it."""
    for _ in range(_ROUNDS):  # a killed process may leave children
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
