"""Trees read from the file system: unpacked and installed toolchains."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from samego.errors import InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.paths import hostile, too_large
from samego.model.tree import Entry, Kind, Tree

#: Attributes that the system itself puts on files, whatever package they are of: labels of
#: security modules and measurements (capability(7) is not among them), the bookkeeping of
#: overlayfs, btrfs's compression, and the view that NFS and CIFS give of a server's own rights.
#: Each can only be read as the machine's, and no package can bring one.
_OF_THE_MACHINE = re.compile(
    r"security\.(?:selinux|SMACK64\w*|apparmor|ima|evm)|trusted\.overlay\..+"
    r"|btrfs\.compression|system\.(?:nfs4_\w+|cifs_\w+|smb3_\w+)",
    re.ASCII,
)
#: What listxattr(2) and getxattr(2) say where a file system has no attributes, or one is gone.
_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENODATA, errno.ENOSYS)


def read_directory(
    root: Path,
    start: str = "",
    *,
    name: str,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    itself: bool = False,
) -> Tree:
    """Read what lies at ``start`` below ``root``, and what links there lead to.

    Paths of the tree are relative to ``root``; a link is followed only inside it (an
    absolute target counts from ``root``). The directories that lead to them are in it too:
    who may write there may replace them. With ``itself`` so is ``root``, as the path ``""``.
    Raises InputError for what cannot be read and HostileArchiveError for devices, sockets
    and pipes.
    """
    tree = read_paths(root, _walk(root, start, name, limits), name=name, limits=limits)
    above = {
        str(parent)
        for path in tree
        if tree[path].kind is not Kind.DIRECTORY or path == start
        for parent in PurePosixPath(path).parents
    }
    above = {path for path in above if path != "." and path not in tree}
    entries = {path: _passed_through(root, path) for path in sorted(above)}
    if itself:
        entries[""] = replace(_passed_through(root, "."), path="")
    return tree.with_entries({**entries, **tree}, carries_modes=True)


def without_unpacker(tree: Tree, root: Path) -> Tree:
    """The tree without owners where they are whoever unpacked it, who owns ``root``.

    That says nothing of what was packed.
    """
    status = root.stat()
    unpacker = (status.st_uid, status.st_gid)

    def shown(entry: Entry) -> Entry:
        return replace(entry, owner=None) if entry.owner == unpacker else entry

    return tree.with_entries({path: shown(tree[path]) for path in tree}, carries_modes=True)


def read_paths(
    root: Path, paths: Iterable[str], *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> Tree:
    """Read the named paths below ``root``, without descending into directories."""
    entries: dict[str, Entry] = {}
    for path in paths:
        if len(entries) >= limits.entries:
            raise too_large(name, f"over {limits.entries} files")
        entries[path] = _entry(root, path, name, limits)
    return Tree(entries, _DirectorySource(root, name), name=name, carries_modes=True)


def _walk(root: Path, start: str, name: str, limits: ArchiveLimits) -> Iterable[str]:
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


def _entry(root: Path, path: str, name: str, limits: ArchiveLimits) -> Entry:
    full = root / path
    try:
        status = os.lstat(full)
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
        xattrs = _xattrs(full)
        if stat.S_ISDIR(status.st_mode):
            return Entry(path, Kind.DIRECTORY, mode, owner=owner, xattrs=xattrs)
        if stat.S_ISLNK(status.st_mode):
            link = str(full.readlink())
            return Entry(path, Kind.LINK, None, link=link, owner=owner, xattrs=xattrs)
        if not stat.S_ISREG(status.st_mode):
            raise hostile(name, f"has {path!r}, which is a device, a pipe or a socket")
        if status.st_size > limits.file_bytes:
            raise too_large(name, f"{path!r} has {status.st_size} bytes")
        data = full.read_bytes()
    except OSError as error:
        raise _unreadable(full, error) from error
    digest = hashlib.sha256(data).hexdigest()
    return Entry(path, Kind.FILE, mode, len(data), digest, owner=owner, xattrs=xattrs)


def _passed_through(root: Path, path: str) -> Entry:
    """A directory on the way to what was read; behind a link, what the link leads to."""
    full = root / path
    try:
        status = full.stat()
        xattrs = _xattrs(full.resolve())
    except OSError as error:
        raise _unreadable(full, error) from error
    mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
    return Entry(path, Kind.DIRECTORY, mode, owner=owner, xattrs=xattrs)


def _xattrs(path: Path) -> tuple[tuple[str, bytes], ...]:
    """The extended attributes that are not the machine's (xattr(7)), by name in order."""
    if not hasattr(os, "listxattr"):
        return ()  # a system that has none, or not this way
    try:
        return tuple(
            (name, os.getxattr(path, name, follow_symlinks=False))
            for name in sorted(os.listxattr(path, follow_symlinks=False))
            if not _OF_THE_MACHINE.fullmatch(name)
        )
    except OSError as error:
        if error.errno not in _NO_ATTRIBUTES:
            raise
        return ()


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
