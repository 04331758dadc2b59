"""Several archives read at once; when one fails or the user stops the run, all stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor

from samego.errors import SamegoError
from samego.model.tree import Tree

#: Reads one archive; asks the container it is given about every file.
Reader = Callable[[Container[str]], Tree]


def read_all(readers: Sequence[Reader], known: Container[str]) -> list[Tree]:
    """Run all readers in threads of their own and give their trees in order.

    Raises the first error in that order; the other readers end at their next file.
    """
    stop = threading.Event()
    watched = _UntilStopped(known, stop)
    with ThreadPoolExecutor(max(1, len(readers))) as pool:
        pending = [pool.submit(reader, watched) for reader in readers]
        try:
            return [future.result() for future in pending]
        except BaseException:
            stop.set()
            raise


class _UntilStopped:
    """A container that ends the thread which asks it once the run has ended."""

    def __init__(self, inner: Container[str], stop: threading.Event) -> None:
        self._inner = inner
        self._stop = stop

    def __contains__(self, item: object) -> bool:
        if self._stop.is_set():
            raise SamegoError("the run was ended", hint="start it again")
        return item in self._inner
