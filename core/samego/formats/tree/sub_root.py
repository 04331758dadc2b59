"""A directory of a root as a root of its own, for roots that cannot open one themselves."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import replace

from samego.formats.archive.limits import ArchiveLimits
from samego.formats.tree.root import PathStatus, Root, shown
from samego.model.tree import Entry


class SubRoot:
    """What lies below a directory of another root (samego.formats.tree.root.Root).

    ``directory`` is its real path there. Links that lead out of it lead nowhere.
    """

    def __init__(self, root: Root, directory: str) -> None:
        self._root = root
        self._directory = directory
        self.name = shown(root, directory)

    def below(self, path: str) -> SubRoot:
        """A directory of it as a root of its own (see Root)."""
        return SubRoot(self._root, self._outer(path))

    def lstat(self, path: str) -> PathStatus | None:
        """What lies there (see Root)."""
        place = self._place(path)
        return None if place is None else self._root.lstat(place)

    def take(self, path: str, limits: ArchiveLimits) -> Entry:
        """What lies there, read (see Root)."""
        return replace(self._root.take(self._known(path), limits), path=path)

    def passed_through(self, path: str) -> Entry:
        """The directory there (see Root)."""
        return replace(self._root.passed_through(self._known(path)), path=path)

    def names(self, path: str) -> Sequence[str]:
        """What lies in a directory (see Root)."""
        real = self.real(path)
        return () if real is None else self._root.names(self._outer(real))

    def read(self, path: str, most: int) -> bytes:
        """The bytes of a file (see Root)."""
        real = self.real(path)
        if real is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self._root.read(self._outer(real), most)

    def real(self, path: str) -> str | None:
        """The path behind all links, where they stay below the directory (see Root)."""
        real = self._root.real(self._outer(path))
        if real == self._directory:
            return ""
        inside = real is not None and real.startswith(f"{self._directory}/")
        return real[len(self._directory) + 1 :] if real is not None and inside else None

    def _outer(self, path: str) -> str:
        return f"{self._directory}/{path}" if path else self._directory

    def _place(self, path: str) -> str | None:
        """A path in the other root, its links on the way followed and not the last one."""
        parent, slash, name = path.rpartition("/")
        real = self.real(parent) if slash else ""
        if real is None or name == "..":
            return None
        return self._outer(f"{real}/{name}" if real else name)

    def _known(self, path: str) -> str:
        place = self._place(path)
        if place is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return place
