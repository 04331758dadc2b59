"""How polling went: a source that could not be asked has lost nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from samego.errors import HistoryError
from samego.system.deadline import deadline
from samego.system.user_error import as_samego_error


@dataclass
class PollResult:
    """How a pass's requests to its sources went.

    ``failed`` are the sources that could not be asked, or whose answer was not accepted, each with
    the reason; ``notes`` are one line each, about no failure. ``sources`` counts the answers.
    """

    sources: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def apart(self, name: str, seconds: float) -> Iterator[None]:
        """Poll one source: its errors and its timeout concern only this source.

        Raises HistoryError: without the history the pass cannot go on.
        """
        try:
            with deadline(seconds, f"reading {name}"):
                yield
        except HistoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a source is a stranger's
            self.failed.append((name, str(as_samego_error(error))))
