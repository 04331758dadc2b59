"""Publishing to a directory of this machine (see :mod:`samego.monitor.publish.releases`).

Files that the shown release has with the same bytes become hard links to it, which are made
only after these bytes were read and hashed. Everything is on the disk before the link is
replaced: after a power cut, too, readers find the old or the new release.

Others may be able to write to the directory where the link lies. So that is opened once, no
link in it is followed, and nothing is written or removed but the link, and the directory of
releases that is ours alone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from samego.errors import InputError
from samego.monitor.publish import releases
from samego.monitor.publish.destination import Directory
from samego.monitor.publish.outcome import PublishOutcome
from samego.monitor.publish.releases import ReleasePlace
from samego.monitor.publish.snapshot import Item, Snapshot, changed, open_file
from samego.system import locks, safe_open
from samego.system.hashing import sha256_file
from samego.system.progress import Progress
from samego.system.terminal import visible

#: How a file system says that it makes no (further) hard link.
_NO_LINK = {errno.EMLINK, errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FILE_MODE, _DIRECTORY_MODE = 0o644, 0o755


def publish(
    snapshot: Snapshot, destination: Directory, progress: Progress, *, dry: bool = False
) -> PublishOutcome:
    """Show a snapshot at a path.

    Raises InputError for a path that is not samego's to replace, DiskFullError, and OSError.
    """
    try:
        return _publish(snapshot, destination, progress, dry=dry)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise releases.full(str(destination)) from error


def _publish(
    snapshot: Snapshot, destination: Directory, progress: Progress, *, dry: bool
) -> PublishOutcome:
    with _parent(destination.path) as parent:
        name = destination.path.name
        place = find_place(destination.path, parent)
        if dry:
            missing = _missing(snapshot, place, name, parent)
            return _outcome(snapshot, destination, missing, place, dry=True)
        with PublishTarget.locked(destination.path, parent, progress) as target:
            place = find_place(destination.path, parent)
            if place.shown == snapshot.digest:
                return _outcome(snapshot, destination, [], place)
            progress.stage(f"copying to {destination}")
            sent = target.fill(snapshot, place, progress)
            progress.stage(f"switching {destination}")
            target.switch(snapshot.digest)
            target.prune(place, snapshot.digest)
        return _outcome(snapshot, destination, sent, place)


@contextlib.contextmanager
def _parent(link: Path) -> Iterator[int]:
    """The directory where the link lies, open: whoever renames it meanwhile changes nothing."""
    where = visible(str(link.parent))
    try:
        descriptor = safe_open.open_directory(link.parent)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{where} is not a directory", hint="make it, or name another") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def find_place(link: Path, parent: int) -> ReleasePlace:
    """What there is at a path in an open directory. Raises InputError for what is not samego's."""
    shown = ""
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(link.name, dir_fd=parent, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            shown = releases.shown_by(link.name, os.readlink(link.name, dir_fd=parent))
        if not shown:
            what = "a directory" if stat.S_ISDIR(mode) else "a file or link"
            raise releases.not_ours(visible(str(link)), what)
    found = {}
    with (
        contextlib.suppress(FileNotFoundError, NotADirectoryError),
        _releases(link, parent) as own,
        os.scandir(own) as entries,
    ):
        for entry in entries:
            if releases.DIGEST.fullmatch(entry.name):
                found[entry.name] = entry.stat(follow_symlinks=False).st_mtime
    return ReleasePlace(shown, found)


@contextlib.contextmanager
def _releases(link: Path, parent: int) -> Iterator[int]:
    """The directory of releases, where it is there. Raises OSError where it is a link."""
    descriptor = safe_open.open_below(releases.directory(link.name), parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _missing(snapshot: Snapshot, place: ReleasePlace, name: str, parent: int) -> list[str]:
    """The files whose bytes are neither in the shown release nor already uploaded."""
    if place.shown == snapshot.digest:
        return []
    try:
        own = safe_open.open_below(releases.directory(name), parent)
    except OSError:
        return list(snapshot.items)
    try:
        at_hand = [_path(own) / each for each in (snapshot.digest, place.shown) if each]
        return [
            path
            for path, item in snapshot.items.items()
            if not any(_holds(release / path, item) for release in at_hand)
        ]
    finally:
        os.close(own)


def _path(descriptor: int) -> Path:
    """A path that leads to an open directory, whatever became of its name (proc(5))."""
    return Path(f"/proc/self/fd/{descriptor}")


def _outcome(
    snapshot: Snapshot,
    destination: Directory,
    sent: list[str],
    place: ReleasePlace,
    *,
    dry: bool = False,
) -> PublishOutcome:
    return PublishOutcome(
        str(destination),
        snapshot.digest,
        len(snapshot.items),
        {path: snapshot.items[path].size for path in sent},
        shown=place.shown == snapshot.digest,
        dry=dry,
    )


class PublishTarget:
    """The link that readers use, and the releases beside it, both in an open directory.

    The releases lie in a directory that is ours and that nobody else may write to: what is
    below it is what an earlier run of ours left.
    """

    def __init__(self, link: Path, parent: int, own: int) -> None:
        self.link = link
        self.releases = _path(own)
        self._parent = parent
        self._own = own

    @classmethod
    @contextlib.contextmanager
    def locked(cls, link: Path, parent: int, progress: Progress) -> Iterator[PublishTarget]:
        """Keep other publishers of this machine out; waits for one that is at it.

        Raises UnsafePathError where somebody else has made the directory of releases.
        """
        own = safe_open.make_own(releases.directory(link.name), parent)

        def waiting() -> None:
            progress.note(f"waiting for who else publishes to {visible(str(link))}")

        try:
            with locks.locked("held", parent=own, waiting=waiting):
                yield cls(link, parent, own)
        finally:
            os.close(own)

    def fill(self, snapshot: Snapshot, place: ReleasePlace, progress: Progress) -> list[str]:
        """Make the release whole, on the disk; the paths whose bytes were copied."""
        new = self.releases / snapshot.digest
        new.mkdir(exist_ok=True)
        os.utime(new)
        _remove_others(new, snapshot)
        copied = []
        for number, (path, item) in enumerate(snapshot.items.items(), 1):
            progress.advance(number, len(snapshot.items))
            goal = new / path
            if _holds(goal, item):
                continue
            goal.unlink(missing_ok=True)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if place.shown and _link(self.releases / place.shown / path, goal, item):
                continue
            _copy(snapshot.root, path, item, goal)
            copied.append(path)
        _sync(new)
        os.fchmod(self._own, _DIRECTORY_MODE)
        os.fsync(self._own)
        snapshot.check()
        return copied

    def switch(self, digest: str) -> None:
        """Show a release, with one rename."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink("next", dir_fd=self._own)
        os.symlink(releases.link_target(self.link.name, digest), "next", dir_fd=self._own)
        # Somebody may have put something there since: rename replaces a file, but not a
        # directory, and no directory of somebody else's is a link to a release.
        find_place(self.link, self._parent)
        os.rename("next", self.link.name, src_dir_fd=self._own, dst_dir_fd=self._parent)
        os.fsync(self._parent)

    def prune(self, place: ReleasePlace, digest: str) -> None:
        """Remove what no reader needs; what cannot be removed stays for the next time."""
        for name in place.unneeded({digest, place.shown}, time.time()):
            shutil.rmtree(self.releases / name, ignore_errors=True)


def _holds(path: Path, item: Item) -> bool:
    """Whether there is a file with these very bytes."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != item.size:
            return False
        return sha256_file(path) == item.sha256
    except OSError:
        return False


def _link(old: Path, goal: Path, item: Item) -> bool:
    """Make a hard link to a file that has these bytes, if there is one."""
    if not _holds(old, item):
        return False
    try:
        os.link(old, goal, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return False
    return True


def _copy(root: Path, path: str, item: Item, goal: Path) -> None:
    """Copy a file. Raises InputError when it is not what it was when it was hashed."""
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


def _remove_others(release: Path, snapshot: Snapshot) -> None:
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


def _sync(release: Path) -> None:
    """Bring a release to the disk: its files, then the directories that name them.

    Whatever the umask is, web servers may read all of it.
    """
    for where, _below, files in os.walk(release, topdown=False):
        for name in files:
            _sync_one(Path(where, name), _FILE_MODE)
        _sync_one(Path(where), _DIRECTORY_MODE)


def _sync_one(path: Path, mode: int | None = None) -> None:
    descriptor = os.open(path, os.O_RDONLY | (0 if mode is None else os.O_NOFOLLOW))
    try:
        if mode is not None and stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
