"""What upstream says of where an opaque file is from: quoted, and not judged."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from samego.model.tree import Tree
from samego.source.policy import table
from samego.source.result import Origin

_LONGEST = 300
_READMES = ("README", "README.md", "README.txt", "VERSION")


def origins_of(path: str, tree: Tree) -> tuple[Origin, ...]:
    """The lines that speak of a file; without any, that of a README beside it that names it."""
    found = []
    for row in table("opaque")["origin"]:
        says = row["says"]
        if not fnmatchcase(path, row["path"]) or says not in tree:
            continue
        below = posixpath.relpath(path, posixpath.dirname(says))
        line = row["line"].format(below=re.escape(below), name=re.escape(posixpath.basename(path)))
        match = re.search(line, tree.read(says).decode("utf-8", "replace"))
        if match:
            found.append(Origin(says, _plain(match[1])))
    return tuple(found or _beside(path, tree))


def _beside(path: str, tree: Tree) -> Iterator[Origin]:
    directory, name = posixpath.split(path)
    for readme in _READMES:
        says = f"{directory}/{readme}"
        if says in tree:
            text = tree.read(says).decode("utf-8", "replace")
            yield from (Origin(says, _plain(line)) for line in text.splitlines() if name in line)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\n#", " ", text).split())[:_LONGEST]
