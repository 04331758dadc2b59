"""Opening what other users of the machine may have touched.

Who may write to a directory decides what a name in it leads to, at every moment: a link to
another place, a pipe that nobody writes to, a file of somebody else's. So paths are walked one
name at a time from a directory that is open already (openat(2)), no link is followed that
anybody else could have put there, opening never waits, and the open file, not its name, is
asked what it is and whose.

*Trusted* are root and the user who runs this: they can do all that we could be made to do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from samego.errors import UnsafePathError
from samego.system.terminal import visible

#: As many links as Linux follows in one path (path_resolution(7)).
_MOST_LINKS = 40
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: A pipe is opened without its other end; a terminal does not become ours.
_CAREFUL = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def trusted(uid: int) -> bool:
    """Whether a user is root, or the one who runs this."""
    return uid in (0, os.geteuid())


def guarded(status: os.stat_result) -> bool:
    """Whether nobody but the trusted may write to what this is the status of."""
    return trusted(status.st_uid) and not status.st_mode & _OTHERS_WRITE


def open_directory(path: Path) -> int:
    """Open a directory; the descriptor is the caller's to close.

    A link on the way, or at the end, is followed where it lies in a guarded directory, such as
    /var/run, and nowhere else. Raises UnsafePathError for another link, and OSError.
    """
    waiting = list(reversed(path.absolute().parts[1:]))
    links = 0
    here = os.open("/", _DIRECTORY)
    try:
        while waiting:
            name = waiting.pop()
            target = read_link(name, here)
            if target is None:
                here = _replaced(here, os.open(name, _DIRECTORY, dir_fd=here))
                continue
            links += 1
            _check_link(name, here, path, links)
            if target.startswith("/"):
                here = _replaced(here, os.open("/", _DIRECTORY))
            waiting += reversed([part for part in target.split("/") if part])
    except BaseException:
        os.close(here)
        raise
    return here


def _replaced(before: int, after: int) -> int:
    os.close(before)
    return after


def _check_link(name: str, here: int, path: Path, links: int) -> None:
    """Refuse to follow a link that lies where others may write, or one too many."""
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not guarded(os.fstat(here)):
        raise UnsafePathError(
            f"{visible(name)} on the way to {visible(str(path))} is a link, and others may write"
            " to the directory where it lies",
            hint="name the path that the link leads to",
        )


def read_link(name: str, directory: int) -> str | None:
    """Where a link in an open directory leads; None for what is no link. Raises OSError."""
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return None
        raise


@contextlib.contextmanager
def directory(path: Path) -> Iterator[int]:
    """A directory while the context lasts, opened as :func:`open_directory` does."""
    descriptor = open_directory(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_below(name: str, parent: int) -> int:
    """Open a directory that lies in an open one; a link is none. Raises OSError."""
    return os.open(name, _DIRECTORY, dir_fd=parent)


def make_own(name: str, parent: int, mode: int = 0o755) -> int:
    """Open a directory in an open one, made where it is missing, that is ours alone to write to.

    Raises UnsafePathError for a link, another file, or one that others may write to or own.
    """
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=parent)
    try:
        descriptor = open_below(name, parent)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        raise UnsafePathError(
            f"{visible(name)} is a link or a file where samego keeps a directory of its own",
            hint="check who made it, and remove it",
        ) from error
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_WRITE:
        os.close(descriptor)
        raise UnsafePathError(
            f"the directory {visible(name)} belongs to {owner(status.st_uid)}"
            f" (mode {stat.S_IMODE(status.st_mode):04o}), so others could change what is in it",
            hint="remove it, or run this as its owner after 'chmod go-w'",
        )
    return descriptor


def open_file(
    name: str | Path,
    flags: int = os.O_RDONLY,
    *,
    parent: int | None = None,
    owners: Collection[int] | None = None,
    mode: int = 0o600,
) -> int:
    """Open a regular file; the descriptor is the caller's to close.

    The last name is no link. ``owners`` are the users who may own it (None: anybody). A file
    that is opened for writing has no second name, through which another file would be written.
    Never waits. Raises UnsafePathError for what is no such file, and OSError.
    """
    try:
        descriptor = os.open(name, flags | _CAREFUL, mode, dir_fd=parent)
    except OSError as error:
        # A pipe without a reader, or a device or socket, gives ENXIO.
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _unsafe(name, "is not a regular file") from error
        raise
    problem = _problem(os.fstat(descriptor), flags, owners)
    if problem:
        os.close(descriptor)
        raise _unsafe(name, problem)
    return descriptor


def _problem(status: os.stat_result, flags: int, owners: Collection[int] | None) -> str:
    """What is wrong with an open file; empty when nothing is."""
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if owners is not None and status.st_uid not in owners:
        return f"belongs to {owner(status.st_uid)}"
    if flags & (os.O_WRONLY | os.O_RDWR) and status.st_nlink > 1:
        return "has a second name: writing to it would change another file"
    return ""


def read_file(
    name: str | Path,
    limit: int,
    *,
    parent: int | None = None,
    owners: Collection[int] | None = None,
) -> bytes:
    """The bytes of a regular file, of at most ``limit`` bytes; see :func:`open_file`.

    A file that grows meanwhile ends where it did when it was opened. Raises UnsafePathError also
    for a longer one.
    """
    with os.fdopen(open_file(name, parent=parent, owners=owners), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise _unsafe(name, f"has {size} bytes, and at most {limit} are read")
        return file.read(size)


def owner(uid: int) -> str:
    """A user in words. The number says it where a name could not be asked for."""
    return "root" if uid == 0 else f"the user with the number {uid}"


def _unsafe(name: str | Path, what: str) -> UnsafePathError:
    return UnsafePathError(f"{visible(str(name))} {what}", hint="check who made it, and remove it")
