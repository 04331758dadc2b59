"""A file system as it looks from a root of its own: no name in it leads out.

Names mean what they mean to a process in it (chroot(2)): an absolute link counts from the root, and
``..`` at the root stays there. So the tree's author cannot have files outside it read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from samego.formats.archive.limits import ArchiveLimits
from samego.model.tree import Entry, Kind

#: As many links as Linux follows in one path (path_resolution(7)).
MOST_LINKS = 40


class PathStatus(NamedTuple):
    """What lies at a path. ``kind`` is None for a device, a pipe or a socket.

    ``mtime`` is a file's, in seconds since 1970.
    """

    kind: Kind | None
    size: int = 0
    link: str = ""
    mtime: int = 0


class Root(Protocol):
    """A file system by paths that are relative to its root, which is ``""``.

    Links on the way to a path are followed; one at its end is not, unless a method says so. A
    method raises OSError for something that exists and cannot be read.
    """

    #: Its name in messages.
    name: str

    def below(self, path: str) -> Root:
        """A directory, by its real path, as a root of its own. Raises OSError."""

    def lstat(self, path: str) -> PathStatus | None:
        """What lies there; None where nothing does."""

    def take(self, path: str, limits: ArchiveLimits) -> Entry:
        """What lies there, with its digest and attributes.

        Raises HostileArchiveError for a device, a pipe, a socket, and a file beyond the limits.
        """

    def passed_through(self, path: str) -> Entry:
        """The directory there; behind a link, what the link leads to."""

    def names(self, path: str) -> Sequence[str]:
        """What lies in a directory or a link to one, in order; nothing where there is none."""

    def read(self, path: str, most: int) -> bytes:
        """The bytes of a regular file of at most ``most`` bytes; a link at the end is followed.

        Raises OSError where there is no such file.
        """

    def real(self, path: str) -> str | None:
        """The path behind all links; None where they lead nowhere."""


def shown(root: Root, path: str) -> str:
    """A path of a root for a message."""
    return f"{root.name.rstrip('/')}/{path}" if path else root.name
