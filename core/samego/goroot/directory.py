"""Trees read from the file system: unpacked and installed toolchains."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from samego.errors import InputError
from samego.goroot.limits import DEFAULT_LIMITS, Limits
from samego.goroot.paths import hostile, too_large
from samego.goroot.tree import Entry, Kind, Tree


def read_directory(
    root: Path, start: str = "", *, name: str, limits: Limits = DEFAULT_LIMITS
) -> Tree:
    """Read what lies at ``start`` below ``root``, and what links there lead to.

    Paths of the tree are relative to ``root``; a link is followed only inside it (an
    absolute target counts from ``root``). Raises InputError for what cannot be read and
    HostileArchiveError for devices, sockets and pipes.
    """
    return read_paths(root, _walk(root, start, name, limits), name=name, limits=limits)


def read_paths(
    root: Path, paths: Iterable[str], *, name: str, limits: Limits = DEFAULT_LIMITS
) -> Tree:
    """Read the named paths below ``root``, without descending into directories."""
    entries: dict[str, Entry] = {}
    for path in paths:
        if len(entries) >= limits.entries:
            raise too_large(name, f"over {limits.entries} files")
        entries[path] = _entry(root, path, name, limits)
    return Tree(entries, _DirectorySource(root, name), name=name, carries_modes=True)


def _walk(root: Path, start: str, name: str, limits: Limits) -> Iterable[str]:
    """Every path to read: GOROOT's, and below the targets of its links."""
    pending, seen = [start], set[str]()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > limits.entries:
            raise too_large(name, f"over {limits.entries} files")
        full = root / path
        if path:
            yield path
        if full.is_symlink():
            target = _target(root, path)
            if target is not None:
                pending.append(target)
        elif full.is_dir():
            try:
                names = [child.name for child in full.iterdir()]
            except OSError as error:
                raise _unreadable(full, error) from error
            pending.extend(f"{path}/{base}" if path else base for base in names)


def _target(root: Path, path: str) -> str | None:
    """Where a link leads, relative to ``root`` (one step); None when out of the root."""
    link = str((root / path).readlink())
    parent = path.rpartition("/")[0]
    joined = link.lstrip("/") if link.startswith("/") else os.path.join(parent, link)  # noqa: PTH118 - lexical
    target = os.path.normpath(joined)
    if target.startswith("..") or not os.path.lexists(root / target):
        return None
    return "" if target == "." else target


def _entry(root: Path, path: str, name: str, limits: Limits) -> Entry:
    full = root / path
    try:
        status = os.lstat(full)
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        if stat.S_ISDIR(status.st_mode):
            return Entry(path, Kind.DIRECTORY, mode, owner=owner)
        if stat.S_ISLNK(status.st_mode):
            return Entry(path, Kind.LINK, None, link=str(full.readlink()), owner=owner)
        if not stat.S_ISREG(status.st_mode):
            raise hostile(name, f"has {path!r}, which is a device, a pipe or a socket")
        if status.st_size > limits.file_bytes:
            raise too_large(name, f"{path!r} has {status.st_size} bytes")
        data = full.read_bytes()
    except OSError as error:
        raise _unreadable(full, error) from error
    return Entry(path, Kind.FILE, mode, len(data), hashlib.sha256(data).hexdigest(), owner=owner)


class _DirectorySource:
    """Gives the bytes of files on disk."""

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._name = name

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare: files are read at random."""

    def read(self, path: str) -> bytes:
        """One file's bytes. Raises InputError when it cannot be read any more."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise _unreadable(self._root / path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be read ({error.strerror})", hint="check the path and its permissions"
    )
