"""The names that git gives to objects, computed here.

Format: git's documentation, "Git Objects" (a header ``TYPE SIZE`` and a NUL before the content)
and gitformat-tree: each entry of a tree is an octal mode, a name, a NUL and the raw object name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

#: Hex digits of an object's name, by the repository's object format.
FORMATS = {40: "sha1", 64: "sha256"}

FILE, PROGRAM, LINK, DIRECTORY, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o40000, 0o160000
#: What git writes for a directory, and modes of files that old versions wrote.
_MODES = {FILE, PROGRAM, LINK, DIRECTORY, SUBMODULE, 0o100664}


class GitEntry(NamedTuple):
    """One entry of a tree: ``name`` is a single part of a path, ``oid`` an object's hex name."""

    mode: int
    name: str
    oid: str


def object_name(kind: str, data: bytes, form: str) -> str:
    """The name of an object of this kind (``blob``, ``tree``, ``commit``, ``tag``), in hex."""
    digest = hashlib.new(form, b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def tree_entries(data: bytes, form: str) -> Iterator[GitEntry]:
    """The entries of a tree object. Raises ValueError for what git would not write.

    That is, too, a name that is there twice: programs would not agree on whose it is.
    """
    size = hashlib.new(form, usedforsecurity=False).digest_size
    at = 0
    names: set[bytes] = set()
    while at < len(data):
        space, end = data.index(b" ", at), data.index(b"\0", at)
        mode, raw = int(data[at:space], 8), data[space + 1 : end]
        name = raw.decode("utf-8", "surrogateescape")
        oid = data[end + 1 : end + 1 + size]
        if mode not in _MODES or len(oid) != size or name in {"", ".", ".."} or "/" in name:
            raise ValueError(raw)
        if raw in names:
            raise ValueError(raw)
        names.add(raw)
        yield GitEntry(mode, name, oid.hex())
        at = end + 1 + size
