"""A deadline for what runs in this process (alarm, setitimer(2)).

It ends waits (samego.system.ending) and programs that the main thread started and waits for.
Work that must end in any case runs in samego.system.supervised.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from samego.errors import OutOfTimeError
from samego.system import ending


class _TimeIsUp(BaseException):
    """Ends the main thread wherever it is.

    It is no Exception: Thread.start would take that for a thread that did not start, which then
    ends in a traceback; and nobody may take it for a failure of what was running.
    """


@contextlib.contextmanager
def deadline(seconds: float, what: str) -> Iterator[None]:
    """Raise OutOfTimeError, which names ``what``, where the context takes longer than this."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.end_all()
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, end)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TimeIsUp:
        raise OutOfTimeError(
            f"{what} did not end within {seconds:g} s, and was ended",
            hint="check the network, or raise the limit ([deadline] in the configuration)",
        ) from None
    finally:
        signal.signal(signal.SIGALRM, before)
        ending.begin()
