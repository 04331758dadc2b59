"""Opens files that other users of the machine may have changed.

A user who may write to a directory can replace any name in it at any moment: by a link, by a pipe
without a writer, by another user's file. So paths are walked one name at a time from an open
directory (openat(2)), no link is followed that another user could have made, opening never
waits, and type and owner are read from the open file, not from its name.

*Trusted* are root and the user who runs this: they can do whatever samego could be tricked into.
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
#: Opening a pipe does not wait for its other end; a terminal does not become the controlling one.
_CAREFUL = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def trusted(uid: int) -> bool:
    """Whether a user is root, or the one who runs this."""
    return uid in (0, os.geteuid())


def guarded(status: os.stat_result) -> bool:
    """Whether only trusted users may write to the file with this status."""
    return trusted(status.st_uid) and not status.st_mode & _OTHERS_WRITE


def open_directory(path: Path) -> int:
    """Open a directory; the caller closes the descriptor.

    A link in the path is followed only where it is in a guarded directory, such as /var/run.
    Raises UnsafePathError for another link, and OSError.
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
    """Refuse a link in a directory that others may write to, and too many links."""
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not guarded(os.fstat(here)):
        raise UnsafePathError(
            f"{visible(name)} on the way to {visible(str(path))} is a link, and others may write"
            " to its directory",
            hint="name the path that the link leads to",
        )


def read_link(name: str, directory: int) -> str | None:
    """The target of a link in an open directory; None for anything but a link. Raises OSError."""
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
    """Open a directory in an open one; a link is not followed. Raises OSError."""
    return os.open(name, _DIRECTORY, dir_fd=parent)


def make_own(name: str, parent: int, mode: int = 0o755) -> int:
    """Open a directory in an open one, made where it is missing, that only we may write to.

    Raises UnsafePathError for a link, a file, or a directory that others own or may write to.
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
    """Open a regular file; the caller closes the descriptor.

    The last name may not be a link. ``owners`` are the users who may own it (None: any). A file
    opened for writing may not have a second hard link. Never waits. Raises UnsafePathError for a
    file that is refused, and OSError.
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
        return "has a second hard link: writing to it would change another file"
    return ""


def read_file(
    name: str | Path,
    limit: int,
    *,
    parent: int | None = None,
    owners: Collection[int] | None = None,
) -> bytes:
    """The bytes of a regular file, of at most ``limit`` bytes; see :func:`open_file`.

    A file that grows meanwhile is read up to its size at opening. Raises UnsafePathError also for a
    larger file.
    """
    with os.fdopen(open_file(name, parent=parent, owners=owners), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise _unsafe(name, f"has {size} bytes; samego reads at most {limit}")
        return file.read(size)


def owner(uid: int) -> str:
    """A user in words; by number where the name is unknown."""
    return "root" if uid == 0 else f"the user with uid {uid}"


def _unsafe(name: str | Path, what: str) -> UnsafePathError:
    return UnsafePathError(f"{visible(str(name))} {what}", hint="check who made it, and remove it")
