"""Which names each directory has, where only paths are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Children:
    """The names in each directory, by path; the root is ``""``.

    A directory above a path is there too, even where no path of its own names it.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._names: dict[str, set[str]] = {"": set()}
        for path in paths:
            self.add(path)

    def __contains__(self, path: str) -> bool:
        """Whether a directory lies there: one that was added, or one above a path."""
        return path in self._names

    def of(self, path: str) -> Iterable[str]:
        """The names in a directory, in no order; none where there is no directory."""
        return self._names.get(path, ())

    def add(self, path: str, *, directory: bool = False) -> None:
        """Add a path and the directories above it."""
        if directory:
            self._names.setdefault(path, set())
        while path:
            parent, _, base = path.rpartition("/")
            siblings = self._names.setdefault(parent, set())
            if base in siblings:
                break
            siblings.add(base)
            path = parent

    def remove(self, path: str) -> None:
        """Remove a path and all below it."""
        for below in list(self.below(path)):
            self._names.pop(below, None)
        parent, _, base = path.rpartition("/")
        if parent in self._names:
            self._names[parent].discard(base)

    def below(self, path: str) -> Iterator[str]:
        """A path and all that lies below it, a directory before what is in it."""
        pending = [path]
        while pending:
            here = pending.pop()
            yield here
            pending += [f"{here}/{name}" for name in self._names.get(here, ())]
