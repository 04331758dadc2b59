"""What a directory of pages holds: every file by its path, size and SHA-256.

A snapshot's digest names a release of the pages: the same files have the same name
wherever they are published. Modes, times and empty directories play no part.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError
from samego.system.hashing import sha256_stream
from samego.system.terminal import visible

#: The longest path below the directory, in bytes. Escaped, it still fits a URL of 2 KiB.
_LONGEST = 512
#: What no name may hold beside control characters: a backslash is a separator to some.
_UNSAFE = "\\"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A regular file: ``size`` in bytes, ``sha256`` in hex.

    ``stamp`` is what no change leaves as it was: inode, size, and the times of the last
    change to the bytes and to the inode (nanoseconds).
    """

    size: int
    sha256: str
    stamp: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files below ``root`` by their paths (with slashes), sorted."""

    root: Path
    items: Mapping[str, PublishedFile]

    @property
    def digest(self) -> str:
        """The name of this very content: SHA-256, in hex, over all paths, sizes and digests."""
        lines = (f"{item.sha256} {item.size} {path}\n" for path, item in self.items.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises InputError when they are not those that were hashed."""
        with open_file(self.root / path) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != self.items[path].sha256:
            raise changed(self.root)
        return data

    def check(self) -> None:
        """Raise InputError unless the directory is as it was when it was read."""
        if dict(_walk(self.root)) != {path: item.stamp for path, item in self.items.items()}:
            raise changed(self.root)


def changed(root: Path) -> InputError:
    """The error for pages that change while they are published."""
    return InputError(
        f"{visible(str(root))} changed while it was published",
        hint="publish again while no program writes to it",
    )


def open_file(path: Path) -> BinaryIO:
    """Open a file, unless it became a link or a pipe meanwhile."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def take(root: Path) -> Snapshot:
    """Read a directory; what begins with a dot at its top is left out.

    Raises InputError for a directory that is missing or holds nothing to publish, for
    links, devices and whatever else is not a regular file, and for names that not every
    server and file system keeps as they are.
    """
    if not root.is_dir():
        raise InputError(
            f"{visible(str(root))} is not a directory",
            hint="name the directory that 'samego site' wrote",
        )
    items = {path: _read(root, path, stamp) for path, stamp in sorted(_walk(root))}
    if not items:
        raise InputError(
            f"{visible(str(root))} holds nothing to publish",
            hint="name the directory that 'samego site' wrote",
        )
    return Snapshot(root, items)


def _read(root: Path, path: str, stamp: tuple[int, ...]) -> PublishedFile:
    with open_file(root / path) as file:
        _size, digest = sha256_stream(file)
        if _stamp(os.fstat(file.fileno())) != stamp:
            raise changed(root)
    return PublishedFile(stamp[1], digest, stamp)


def _walk(root: Path, below: str = "") -> Iterator[tuple[str, tuple[int, ...]]]:
    """The path and stamp of each file."""
    with os.scandir(root / below) as entries:
        for entry in entries:
            if not below and entry.name.startswith("."):
                continue
            path = f"{below}{entry.name}"
            _check_name(root, path)
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(root, f"{path}/")
            elif stat.S_ISREG(status.st_mode):
                yield path, _stamp(status)
            else:
                raise InputError(
                    f"{visible(str(root / path))} is neither a file nor a directory",
                    hint="replace the link by a copy of its target",
                )


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _check_name(root: Path, path: str) -> None:
    # What is not UTF-8 came in as surrogates, which do not print either.
    if path.isprintable() and _UNSAFE not in path and len(path.encode()) <= _LONGEST:
        return
    raise InputError(
        f"{visible(str(root / path))} has a name that not every server keeps as it is",
        hint=f"use UTF-8 without control characters and backslashes, up to {_LONGEST} bytes",
    )
