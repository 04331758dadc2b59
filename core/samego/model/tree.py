"""Trees of files: what a toolchain, a package or an archive holds, by path.

A :class:`Tree` is an immutable mapping from path to :class:`Entry`. Paths are
relative, in NFC-agnostic raw form, with ``/`` between parts and no leading
``./``. The digests are known for every file; the bytes are read again only for
the few paths that a rule asks for.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Protocol

from samego.errors import VerificationError


class Kind(enum.Enum):
    """What an entry is."""

    FILE = "file"
    LINK = "link"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, link or directory of a tree.

    ``mode`` holds the permission bits including setuid, setgid and sticky, or None
    where the form that was read does not carry modes (the module zip). ``size`` is
    in bytes; ``sha256`` is lower-case hex and empty for anything but a file.
    ``link`` is a link's target as it is written. ``owner`` is (uid, gid) where the
    form carries one. ``xattrs`` are the extended attributes that unpacking sets, by name
    in order: file capabilities, access control lists, flags.
    """

    path: str
    kind: Kind
    mode: int | None
    size: int = 0
    sha256: str = ""
    link: str = ""
    owner: tuple[int, int] | None = None
    xattrs: tuple[tuple[str, bytes], ...] = ()


class BlobSource(Protocol):
    """Where a tree's bytes come from."""

    def load(self, paths: Iterable[str]) -> None:
        """Make the bytes of these paths ready, in one pass where the form asks for that."""

    def read(self, path: str) -> bytes:
        """The bytes of one file. Raises SamegoError when they are no longer available."""


class Tree(Mapping[str, Entry]):
    """An immutable mapping from path to entry, with access to the bytes.

    ``name`` is its name in messages. ``carries_modes`` is False where every
    mode is None.
    """

    def __init__(
        self, entries: Mapping[str, Entry], source: BlobSource, *, name: str, carries_modes: bool
    ) -> None:
        self._entries = dict(entries)
        self._source = source
        self.name = name
        self.carries_modes = carries_modes

    def __getitem__(self, path: str) -> Entry:
        return self._entries[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    # What Mapping would make of the three above takes several calls for each of 14,000 paths.
    def __contains__(self, path: object) -> bool:
        return path in self._entries

    def items(self) -> ItemsView[str, Entry]:
        """Paths and entries, as a mapping gives them."""
        return self._entries.items()

    def values(self) -> ValuesView[Entry]:
        """The entries, as a mapping gives them."""
        return self._entries.values()

    def load(self, paths: Iterable[str]) -> None:
        """Prepare several files for :meth:`read`; a compressed stream is read once for all."""
        self._source.load([path for path in paths if self[path].kind is Kind.FILE])

    def read(self, path: str) -> bytes:
        """The bytes of the file at ``path``, checked against its digest.

        Raises KeyError for a path that is not a file here and VerificationError when
        the bytes are no longer those that were indexed.
        """
        entry = self._entries[path]
        if entry.kind is not Kind.FILE:
            raise KeyError(path)
        data = self.read_unchecked(path)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise VerificationError(
                f"{path} in {self.name} changed since it was read",
                hint="run samego again; if it is a cached file, run 'samego cache verify'",
            )
        return data

    def with_entries(self, entries: Mapping[str, Entry], *, carries_modes: bool) -> Tree:
        """The same files under changed entries (modes that are known from elsewhere)."""
        return Tree(entries, self._source, name=self.name, carries_modes=carries_modes)

    def read_unchecked(self, path: str) -> bytes:
        """The bytes of a file for a tree built on this one, which checks them itself."""
        return self._source.read(path)


def digest(tree: Tree) -> str:
    """The sha256 over all fields of all entries: equal only for the same files."""
    total = hashlib.sha256()
    for path in sorted(tree):
        entry = tree[path]
        said = (entry.kind.value, entry.mode, entry.sha256, entry.link, entry.owner, entry.xattrs)
        total.update(f"{path!r} {said!r}\n".encode("utf-8", "backslashreplace"))
    return total.hexdigest()
