"""The files of one release in a directory: linked, copied, removed, and brought to the disk.

A hard link to another release's file is made only after its bytes were read and hashed. Functions
raise OSError.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from samego.monitor.publish.snapshot import PublishedFile, Snapshot, changed, open_file
from samego.system.hashing import sha256_file

#: How a file system says that it makes no (further) hard link.
_NO_LINK = {errno.EMLINK, errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
_FILE_MODE, DIRECTORY_MODE = 0o644, 0o755


def holds(path: Path, item: PublishedFile) -> bool:
    """Whether there is a file with these very bytes."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != item.size:
            return False
        return sha256_file(path) == item.sha256
    except OSError:
        return False


def link_to(old: Path, goal: Path, item: PublishedFile) -> bool:
    """Make a hard link to a file that has these bytes, if there is one."""
    if not holds(old, item):
        return False
    try:
        os.link(old, goal, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return False
    return True


def copy_in(root: Path, path: str, item: PublishedFile, goal: Path) -> None:
    """Copy a file. Raises InputError when it changed since it was hashed."""
    digest = hashlib.sha256()
    with (
        open_file(root / path) as source,
        goal.open("xb") as file,
    ):
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != item.sha256:
        raise changed(root)


def remove_others(release: Path, snapshot: Snapshot) -> None:
    """Remove what an interrupted run, or anybody, left and the snapshot does not have."""
    directories = {parent for path in snapshot.items for parent in _parents(path)}
    for where, below, files in os.walk(release, topdown=False):
        here = Path(where)
        for name in below:
            path = here / name
            if str(path.relative_to(release)) not in directories or path.is_symlink():
                _remove(path)
        for name in files:
            if str((here / name).relative_to(release)) not in snapshot.items:
                _remove(here / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()  # what was in it is gone: the walk goes upwards
    else:
        path.unlink()


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def sync(release: Path) -> None:
    """Bring a release to the disk: its files, then the directories that name them.

    Whatever the umask is, web servers may read all of it.
    """
    for where, _below, files in os.walk(release, topdown=False):
        for name in files:
            _sync_one(Path(where, name), _FILE_MODE)
        _sync_one(Path(where), DIRECTORY_MODE)


def _sync_one(path: Path, mode: int | None = None) -> None:
    descriptor = os.open(path, os.O_RDONLY | (0 if mode is None else os.O_NOFOLLOW))
    try:
        if mode is not None and stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
