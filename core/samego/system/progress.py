"""How a long run reports its progress, independent of who shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener to a run. Its methods may be called from several threads."""

    def stage(self, name: str) -> None:
        """A stage begins, and the one before it ends (``reading golang-1.24-src``)."""

    def note(self, line: str) -> None:
        """One line that the user should see (``go.dev does not answer: ...``)."""

    def advance(self, done: int, total: int | None) -> None:
        """The current stage has done this much (bytes or files); ``total`` None: not known."""


class Silent:
    """A listener that ignores everything."""

    def stage(self, name: str) -> None:
        """Ignore a stage."""

    def note(self, line: str) -> None:
        """Ignore a line."""

    def advance(self, done: int, total: int | None) -> None:
        """Ignore an advance."""
