"""The bytes of a tree that is put together from other trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from samego.model.tree import Tree


class ComposedSource:
    """Finds each path's bytes in another tree, under the path that it has there."""

    def __init__(self, locate: Callable[[str], tuple[Tree, str]]) -> None:
        self._locate = locate

    def load(self, paths: Iterable[str]) -> None:
        """Prepare several files, with one pass over each tree concerned."""
        wanted: dict[int, tuple[Tree, list[str]]] = {}
        for path in paths:
            tree, own = self._locate(path)
            wanted.setdefault(id(tree), (tree, []))[1].append(own)
        for tree, own_paths in wanted.values():
            tree.load(own_paths)

    def read(self, path: str) -> bytes:
        """One file's bytes, from the tree that has it."""
        tree, own = self._locate(path)
        return tree.read_unchecked(own)
