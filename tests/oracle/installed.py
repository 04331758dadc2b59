"""What lies in a root, and what a reader said, in one form: path to kind, mode, owner, content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from samego.model.tree import Kind, Tree

#: Kind, mode (none of a link), owner, and the sha256, target or attributes.
Facts = tuple[str, int, tuple[int, int], str]


def found(root: Path, leave_out: Collection[str]) -> dict[str, Facts]:
    """All that lies below a root, but for these paths and what is below them."""
    facts: dict[str, Facts] = {}
    for directory, names, files in os.walk(root):
        for name in [*names, *files]:
            path = Path(directory, name)
            below = str(path.relative_to(root))
            if any(below == out or below.startswith(f"{out}/") for out in leave_out):
                continue
            facts[below] = _facts(path)
    return facts


def _facts(path: Path) -> Facts:
    state = path.lstat()
    owner, mode = (state.st_uid, state.st_gid), state.st_mode & 0o7777
    xattrs = _shown(
        (name, os.getxattr(path, name, follow_symlinks=False))
        for name in os.listxattr(path, follow_symlinks=False)
    )
    if stat.S_ISLNK(state.st_mode):
        return ("link", 0, owner, f"{os.readlink(path)}{xattrs}")  # noqa: PTH115 - as it is written
    if stat.S_ISDIR(state.st_mode):
        return ("directory", mode, owner, xattrs)
    if stat.S_ISREG(state.st_mode):
        return ("file", mode, owner, hashlib.sha256(path.read_bytes()).hexdigest() + xattrs)
    return ("other", mode, owner, xattrs)


def _shown(xattrs: Iterable[tuple[str, bytes]]) -> str:
    """Extended attributes in one form, in the order of their names."""
    return "".join(f",{name}={value.hex()}" for name, value in sorted(xattrs))


def said(tree: Tree) -> dict[str, Facts]:
    """The same of a tree that a reader gave."""
    facts: dict[str, Facts] = {}
    for path, entry in tree.items():
        owner = entry.owner or (0, 0)
        xattrs = _shown(entry.xattrs)
        if entry.kind is Kind.LINK:
            facts[path] = ("link", 0, owner, f"{entry.link}{xattrs}")
        elif entry.kind is Kind.DIRECTORY:
            facts[path] = ("directory", entry.mode or 0, owner, xattrs)
        else:
            facts[path] = ("file", entry.mode or 0, owner, entry.sha256 + xattrs)
    return facts


def differences(mine: Mapping[str, Facts], theirs: Mapping[str, Facts]) -> list[str]:
    """One line for each path on which the two do not agree."""
    return [
        f"{path}: samego {mine.get(path)}, installed {theirs.get(path)}"
        for path in sorted({*mine, *theirs})
        if mine.get(path) != theirs.get(path)
    ]
