"""Paths of a root by shell patterns, and copies of the few files that a real tool must read."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from samego.errors import InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.paths import too_large
from samego.formats.tree.root import Root, shown
from samego.model.tree import Kind

_WILD = frozenset("*?[")
#: How many paths one pattern may match: the tree's content is untrusted.
_MOST = 20_000

#: Takes a path that cannot be read, and its error.
Refused = Callable[[str, OSError], None]


def matches(root: Root, pattern: str, refused: Refused) -> Iterator[str]:
    """The paths that a pattern matches (``*``, ``?``, ``[...]`` within a name), in order.

    Links on the way are followed inside the root. Raises HostileArchiveError for too many.
    """
    found = [""]
    for part in pattern.strip("/").split("/"):
        if _WILD.isdisjoint(part):
            found = [_join(path, part) for path in found]
            continue
        found = [
            _join(path, name)
            for path in found
            for name in _names(root, path, refused)
            if fnmatch.fnmatchcase(name, part) and (not name.startswith(".") or part[0] == ".")
        ]
        if len(found) > _MOST:
            raise too_large(root.name, f"over {_MOST} paths like {pattern}")
    for path in found:
        if _lies(root, path, refused):
            yield path


def copy_files(
    root: Root, patterns: Iterable[str], destination: Path, limits: ArchiveLimits
) -> bool:
    """Copy the regular files that patterns match to a directory; whether there were any.

    A link is copied as the file that it leads to inside the root. Raises InputError for what
    cannot be read, and HostileArchiveError for more than the limits allow.
    """
    total = count = 0
    for pattern in patterns:
        for path in matches(root, pattern, _raise(root)):
            real = root.real(path)
            status = root.lstat(real) if real is not None else None
            if ".." in path.split("/"):
                continue  # it would be written beside the destination
            if real is None or status is None or status.kind is not Kind.FILE:
                continue
            count += 1
            total += status.size
            if count > limits.entries or total > limits.total_bytes:
                raise too_large(root.name, f"{count} files like {pattern} with {total} bytes")
            try:
                data = root.read(real, limits.file_bytes)
            except OSError as error:
                raise _unreadable(root, path, error) from error
            file = destination / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return count > 0


def _lies(root: Root, path: str, refused: Refused) -> bool:
    try:
        return root.lstat(path) is not None
    except OSError as error:
        refused(path, error)
        return False


def _names(root: Root, path: str, refused: Refused) -> Iterable[str]:
    try:
        return root.names(path)
    except OSError as error:
        refused(path, error)
        return ()


def _raise(root: Root) -> Refused:
    def refuse(path: str, error: OSError) -> None:
        raise _unreadable(root, path, error) from error

    return refuse


def _unreadable(root: Root, path: str, error: OSError) -> InputError:
    return InputError(
        f"{shown(root, path)} cannot be read ({error.strerror})", hint="check its permissions"
    )


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
