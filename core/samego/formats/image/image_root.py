"""The file system of an image as a root (samego.formats.tree.root.Root): nothing is unpacked."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence

from samego.errors import VerificationError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import hostile, too_large
from samego.formats.image.layer import LayerEntry
from samego.formats.image.merged import Merged
from samego.formats.image.stored import StoredLayers
from samego.formats.tree.root import MOST_LINKS, PathStatus
from samego.formats.tree.sub_root import SubRoot
from samego.model.tree import Entry, Kind

_IMPLICIT_MODE = 0o755


class ImageRoot:
    """What a container of this image finds at its root. ``name`` is how messages begin a path."""

    def __init__(self, merged: Merged, layers: StoredLayers, *, name: str) -> None:
        self.name = name
        self._merged = merged
        self._layers = layers

    def below(self, path: str) -> SubRoot:
        """A directory as a root of its own (see Root)."""
        return SubRoot(self, path)

    def lstat(self, path: str) -> PathStatus | None:
        """What lies there (see Root)."""
        place = self._place(path)
        if place is None:
            return None
        item = self._merged.items.get(place)
        if item is None:
            return PathStatus(Kind.DIRECTORY) if self._merged.is_directory(place) else None
        return PathStatus(item.kind, item.size, item.link)

    def take(self, path: str, limits: ArchiveLimits) -> Entry:
        """What lies there (see Root); its digest is known."""
        place = self._known(path)
        item = self._merged.items.get(place)
        if item is None:
            return self._directory(path, place)
        if item.kind is None:
            raise hostile(self.name, f"has {path!r}, which is a device, a pipe or a socket")
        if item.size > limits.file_bytes or (item.kind is Kind.FILE and not item.sha256):
            raise too_large(self.name, f"{path!r} has {item.size} bytes")
        return Entry(
            path,
            item.kind,
            None if item.kind is Kind.LINK else item.mode,
            item.size,
            item.sha256,
            item.link,
            item.owner,
            item.xattrs,
        )

    def passed_through(self, path: str) -> Entry:
        """The directory there (see Root)."""
        real = self.real(path)
        if real is None or not self._merged.is_directory(real):
            raise _nothing(path)
        return self._directory(path, real)

    def names(self, path: str) -> Sequence[str]:
        """What lies in a directory (see Root)."""
        real = self.real(path)
        return () if real is None else sorted(self._merged.children(real))

    def read(self, path: str, most: int) -> bytes:
        """The bytes of a file (see Root), which must be those that were read before."""
        real = self.real(path)
        item = self._merged.items.get(real) if real is not None else None
        if item is None or item.kind is not Kind.FILE:
            raise _nothing(path)
        if item.size > most or not item.sha256:
            raise too_large(self.name, f"{path!r} has {item.size} bytes")
        return self._bytes(path, item)

    def real(self, path: str) -> str | None:
        """The path behind all links (see Root)."""
        waiting = _parts(path)
        way: list[str] = []
        links = 0
        while waiting:
            name = waiting.pop()
            if name == "..":
                way = way[:-1]
                continue
            here = "/".join([*way, name])
            item = self._merged.items.get(here)
            if item is not None and item.kind is Kind.LINK:
                links += 1
                if links > MOST_LINKS:
                    return None
                way = [] if item.link.startswith("/") else way
                waiting += _parts(item.link)
                continue
            if item is None and not self._merged.is_directory(here):
                return None
            if waiting and not self._merged.is_directory(here):
                return None
            way.append(name)
        return "/".join(way)

    def toolchains(self) -> Iterator[str]:
        """Every directory that has the tools of a toolchain, or a go command and a VERSION."""
        found = set()
        for path, item in self._merged.items.items():
            base = path.rpartition("/")[2]
            if base == "VERSION" and item.kind is not Kind.DIRECTORY:
                found.add(path.rpartition("/")[0])
            elif "/pkg/tool/" in f"/{path}":
                found.add(f"/{path}".partition("/pkg/tool/")[0].lstrip("/"))
        return iter(sorted(found))

    def _directory(self, path: str, place: str) -> Entry:
        item = self._merged.items.get(place)
        if item is None:
            # Unpackers make directories that no layer lists with owner root and this mode.
            return Entry(path, Kind.DIRECTORY, _IMPLICIT_MODE, owner=(0, 0))
        return Entry(path, Kind.DIRECTORY, item.mode, owner=item.owner, xattrs=item.xattrs)

    def _bytes(self, path: str, item: LayerEntry) -> bytes:
        data = self._layers.read(item.layer, item.offset, item.size)
        if hashlib.sha256(data).hexdigest() != item.sha256:
            raise VerificationError(
                f"{path} in {self.name} changed since it was read",
                hint="the image changed meanwhile: check it again",
            )
        return data

    def _place(self, path: str) -> str | None:
        """The real path of what is named, the last name not followed; None for nothing."""
        parent, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return self.real(path)
        real = self.real(parent) if parent else ""
        if real is None:
            return None
        place = f"{real}/{name}" if real else name
        lies = place in self._merged.items or self._merged.is_directory(place)
        return place if lies else None

    def _known(self, path: str) -> str:
        place = self._place(path)
        if place is None:
            raise _nothing(path)
        return place


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")][::-1]


def _nothing(path: str) -> OSError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
