"""The open directories between a root and where a walk stands (openat(2) with O_NOFOLLOW)."""

from __future__ import annotations

import os

#: Passing through a directory needs no right to list it. A link is refused (ENOTDIR).
PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OpenPath:
    """The directories between a root and where a walk stands, each of them open."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._open: list[int] = []
        self.names: list[str] = []

    @property
    def here(self) -> int:
        """The directory where the walk stands."""
        return self._open[-1] if self._open else self._root

    def enter(self, name: str) -> None:
        """Enter a directory. Raises OSError, also for a link."""
        self._open.append(os.open(name, PASS, dir_fd=self.here))
        self.names.append(name)

    def up(self) -> None:
        """Go to the parent; the root's is the root."""
        if self._open:
            os.close(self._open.pop())
            self.names.pop()

    def close(self) -> None:
        """Go back to the root."""
        while self._open:
            self.up()
