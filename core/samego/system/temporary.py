"""Temporary directories that are removed however the run ends."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

#: Signals that end a run by an exception at any point of the main thread.
_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def remove_tree(directory: Path) -> None:
    """Remove a directory with what is in it, even if a signal ends the run meanwhile."""
    try:
        shutil.rmtree(directory, ignore_errors=True)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


@contextlib.contextmanager
def temporary_directory(
    parent: Path | None = None,
    *,
    prefix: str = "samego-",
    remove: Callable[[Path], object] = remove_tree,
) -> Iterator[Path]:
    """A new directory below ``parent`` (the system's for temporary files), removed at the end.

    A signal that arrives while the directory is made is held back until its path is known. Raises
    OSError when it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        with signals_held_back():
            directory = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
            stack.callback(remove, directory)
        yield directory


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Hold back signals that end the run until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
