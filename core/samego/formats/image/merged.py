"""Layers stacked on each other: the resulting files."""

from __future__ import annotations

from collections.abc import Iterable

from samego.formats.archive.paths import hostile, too_large
from samego.formats.image.layer import LayerContent, LayerEntry
from samego.formats.image.limits import ImageLimits
from samego.formats.tree.children import Children
from samego.model.tree import Kind


class Merged:
    """The files of several layers by their real paths.

    A directory that has files, but that no layer lists, exists too, without an item.
    """

    def __init__(self, limits: ImageLimits) -> None:
        self.items: dict[str, LayerEntry] = {}
        self._children = Children()
        self._limits = limits

    def children(self, path: str) -> Iterable[str]:
        """The names in a directory."""
        return self._children.of(path)

    def is_directory(self, path: str) -> bool:
        """Whether a directory lies there; the root is one."""
        item = self.items.get(path)
        return path in self._children if item is None else item.kind is Kind.DIRECTORY

    def apply(self, layer: LayerContent, *, name: str) -> None:
        """Put a layer on top.

        Raises HostileArchiveError where what the layer adds or removes lies below a link or a file:
        some unpackers follow the link, and others replace it.
        """
        for path in sorted(layer.opaque):
            self._check_way(f"{path}/x" if path else "x", layer, name)
            for child in list(self.children(path)):
                self._remove(f"{path}/{child}" if path else child)
        for path in sorted(layer.removed):
            self._check_way(path, layer, name)
            self._remove(path)
        for path, item in layer.items.items():
            self._put(path, item)
        for path in layer.items:
            self._check_way(path, layer, name)
        if len(self.items) > self._limits.entries:
            raise too_large(name, f"over {self._limits.entries} files")

    def _check_way(self, path: str, layer: LayerContent, name: str) -> None:
        parent = path.rpartition("/")[0]
        while parent:
            # What the same layer puts there comes first, whatever lies there now.
            item = layer.items.get(parent) or self.items.get(parent)
            if item is not None and item.kind is not Kind.DIRECTORY:
                what = "a link" if item.kind is Kind.LINK else "no directory"
                raise hostile(name, f"has {path!r} below {parent!r}, which is {what}")
            parent = parent.rpartition("/")[0]

    def _put(self, path: str, item: LayerEntry) -> None:
        if not path:
            self.items[path] = item
            return
        if item.kind is not Kind.DIRECTORY or not self.is_directory(path):
            self._remove(path)
        self.items[path] = item
        self._children.add(path, directory=item.kind is Kind.DIRECTORY)

    def _remove(self, path: str) -> None:
        for below in self._children.below(path):
            self.items.pop(below, None)
        self._children.remove(path)
