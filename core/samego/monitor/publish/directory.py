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
from samego.monitor.publish.release_files import (
    DIRECTORY_MODE,
    copy_in,
    holds,
    link_to,
    remove_others,
    sync,
)
from samego.monitor.publish.releases import ReleasePlace
from samego.monitor.publish.snapshot import Snapshot
from samego.system import locks, safe_open
from samego.system.progress import Progress
from samego.system.terminal import visible

_FULL = {errno.ENOSPC, errno.EDQUOT}


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
    """The link's directory, open: a rename meanwhile has no effect."""
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
            if not any(holds(release / path, item) for release in at_hand)
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

    The releases are in a directory that only we may write to: what is
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
        """Lock out other publishers of this machine; waits for a running one.

        Raises UnsafePathError where another user made the directory of releases.
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
        remove_others(new, snapshot)
        copied = []
        for number, (path, item) in enumerate(snapshot.items.items(), 1):
            progress.advance(number, len(snapshot.items))
            goal = new / path
            if holds(goal, item):
                continue
            goal.unlink(missing_ok=True)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if place.shown and link_to(self.releases / place.shown / path, goal, item):
                continue
            copy_in(snapshot.root, path, item, goal)
            copied.append(path)
        sync(new)
        os.fchmod(self._own, DIRECTORY_MODE)
        os.fsync(self._own)
        snapshot.check()
        return copied

    def switch(self, digest: str) -> None:
        """Show a release, with one rename."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink("next", dir_fd=self._own)
        os.symlink(releases.link_target(self.link.name, digest), "next", dir_fd=self._own)
        # Another process may have put something there since: rename replaces a file, but not a
        # directory, and a foreign directory is not a link to a release.
        find_place(self.link, self._parent)
        os.rename("next", self.link.name, src_dir_fd=self._own, dst_dir_fd=self._parent)
        os.fsync(self._parent)

    def prune(self, place: ReleasePlace, digest: str) -> None:
        """Remove what no reader needs; what cannot be removed stays for the next time."""
        for name in place.unneeded({digest, place.shown}, time.time()):
            shutil.rmtree(self.releases / name, ignore_errors=True)
