"""Doing again what failed only because a connection did."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from samego.errors import NetworkError
from samego.system.progress import Progress

T = TypeVar("T")


class LostError(NetworkError):
    """A connection was lost, or a server was too busy: the same may succeed in a moment."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried in all, and the seconds before the first repetition.

    Each further one waits twice as long: 15 seconds in all by default.
    """

    tries: int = 5
    pause: float = 1.0


def retrying(action: Callable[[], T], patience: Patience, progress: Progress) -> T:
    """What ``action`` gives, called again after a LostError as patience allows.

    Raises the last LostError.
    """
    pause = patience.pause
    for left in range(patience.tries - 1, 0, -1):
        try:
            return action()
        except LostError as error:
            again = f"again in {pause:g} s, {left} more {'try' if left == 1 else 'tries'}"
            progress.note(f"{error.cause}: {again}")
        time.sleep(pause)
        pause *= 2
    return action()
