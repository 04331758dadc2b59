"""Trees read from a file system: unpacked and installed toolchains."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from samego.errors import InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.paths import too_large
from samego.formats.tree.disk_root import DiskRoot
from samego.formats.tree.root import Root, shown
from samego.model.tree import Entry, Kind, Tree


def read_directory(
    root: Root | Path,
    start: str = "",
    *,
    name: str,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    itself: bool = False,
) -> Tree:
    """Read what lies at ``start`` below ``root``, and what links there lead to.

    Paths of the tree are relative to ``root``, and no link leads out of it (an absolute target
    counts from ``root``). The tree also has the directories above these files: whoever may write
    there may replace the files. With ``itself`` it has ``root`` too, as the path ``""``.
    Raises InputError for what cannot be read and HostileArchiveError for devices, sockets
    and pipes.
    """
    root = open_root(root)
    entries = _read_below(root, start, name, limits)
    above: set[str] = set()
    for path, entry in entries.items():
        if entry.kind is Kind.DIRECTORY and path != start:
            continue
        while (path := path.rpartition("/")[0]) and path not in above:
            above.add(path)
    above.difference_update(entries)
    passed = {path: _passed(root, path) for path in sorted(above)}
    if itself:
        passed[""] = _passed(root, "")
    return Tree({**passed, **entries}, _RootSource(root, limits), name=name, carries_modes=True)


def read_paths(
    root: Root | Path, paths: Iterable[str], *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> Tree:
    """Read the named paths below ``root``, without descending into directories."""
    root = open_root(root)
    entries = _take(root, paths, name, limits)
    return Tree(entries, _RootSource(root, limits), name=name, carries_modes=True)


def without_unpacker(tree: Tree, root: Root | Path) -> Tree:
    """The tree without owners that are the owner of ``root``: the user who unpacked it.

    Such an owner says nothing about what was packed.
    """
    unpacker = _passed(open_root(root), "").owner

    def without(entry: Entry) -> Entry:
        return replace(entry, owner=None) if entry.owner == unpacker else entry

    return tree.with_entries({path: without(tree[path]) for path in tree}, carries_modes=True)


def open_root(root: Root | Path) -> Root:
    """A directory as a root. Raises InputError when it cannot be opened."""
    if not isinstance(root, Path):
        return root
    try:
        return DiskRoot(root)
    except OSError as error:
        raise _unreadable(str(root), error) from error


def _take(root: Root, paths: Iterable[str], name: str, limits: ArchiveLimits) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    total = 0
    for path in paths:
        if len(entries) >= limits.entries:
            raise too_large(name, f"over {limits.entries} files")
        try:
            entry = entries[path] = root.take(path, limits)
        except OSError as error:
            raise _unreadable(shown(root, path), error) from error
        total += entry.size
        if total > limits.total_bytes:
            raise too_large(name, f"over {limits.total_bytes} bytes")
    return entries


def _read_below(root: Root, start: str, name: str, limits: ArchiveLimits) -> dict[str, Entry]:
    """Every entry to read: GOROOT's, and below the targets of its links."""
    entries: dict[str, Entry] = {}
    pending, seen, total = [start], set[str](), 0
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > limits.entries:
            raise too_large(name, f"over {limits.entries} files")
        try:
            # One system call for each: there are thousands.
            entry = entries[path] = root.take(path, limits) if path else root.passed_through("")
            if entry.kind is Kind.LINK:
                target = _target(root, path, entry.link)
                if target is not None:
                    pending.append(target)
            elif entry.kind is Kind.DIRECTORY:
                names = root.names(path)
                pending.extend(f"{path}/{base}" if path else base for base in names)
        except OSError as error:
            raise _unreadable(shown(root, path), error) from error
        total += entry.size
        if total > limits.total_bytes:
            raise too_large(name, f"over {limits.total_bytes} bytes")
    entries.pop("", None)
    return entries


def _target(root: Root, path: str, link: str) -> str | None:
    """Where a link leads, relative to ``root`` (one step); None when out of the root."""
    parent = path.rpartition("/")[0]
    joined = link.lstrip("/") if link.startswith("/") else os.path.join(parent, link)  # noqa: PTH118 - lexical
    target = os.path.normpath(joined)
    if target.startswith("..") or root.lstat(target) is None:
        return None
    return "" if target == "." else target


def _passed(root: Root, path: str) -> Entry:
    try:
        return root.passed_through(path)
    except OSError as error:
        raise _unreadable(shown(root, path), error) from error


class _RootSource:
    """Gives the bytes of files below a root."""

    def __init__(self, root: Root, limits: ArchiveLimits) -> None:
        self._root = root
        self._most = limits.file_bytes

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare: any file is read without the others."""

    def read(self, path: str) -> bytes:
        """One file's bytes. Raises InputError when it cannot be read any more."""
        try:
            return self._root.read(path, self._most)
        except OSError as error:
            raise _unreadable(shown(self._root, path), error) from error


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be read ({error.strerror})", hint="check the path and its permissions"
    )
