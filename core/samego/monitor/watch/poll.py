"""What the sources gave: nothing counts as gone where a source could not be asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from samego.errors import HistoryError
from samego.system.deadline import deadline
from samego.system.user_error import as_samego_error


@dataclass
class PollResult:
    """What a pass found when it asked its sources.

    ``failed`` are the sources that could not be asked (or not be believed), each with
    why; ``notes`` one line each for what is no failure. ``sources`` counts those that
    answered.
    """

    sources: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def apart(self, name: str, seconds: float) -> Iterator[None]:
        """Poll one source: its errors and its timeout concern only this source.

        Raises HistoryError: without a history there is nothing to go on with.
        """
        try:
            with deadline(seconds, f"reading {name}"):
                yield
        except HistoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a source is a stranger's
            self.failed.append((name, str(as_samego_error(error))))
