"""A directory of pages of which only those are written whose data changed.

``.samego-site.json`` says of each file of the site what it was made of (its key) and what
its bytes were (their sha256). Before a file is written its key is taken out of there: who is
killed in the middle leaves files that are known to be the site's and are made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError
from samego.system import atomic, locks, safe_open
from samego.system.terminal import visible

MANIFEST = ".samego-site.json"
#: Held by the run that writes.
LOCK = ".samego-site.lock"
_FORMAT = 1
_DIRECTORY_MODE = 0o755


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One file: the key of its data and the sha256 of its bytes, empty while not known."""

    key: str = ""
    sha256: str = ""


@contextlib.contextmanager
def open_output(directory: Path) -> Iterator[Output]:
    """The directory, made where it is missing; no other run writes to it meanwhile.

    The lock is a file in it that only its owner can open. Raises InputError for a directory that
    is not the site's, that another run writes to, or that other users may write to: they could
    lead what is written elsewhere.
    """
    name = visible(str(directory))
    try:
        _make(directory)
        handle = safe_open.open_directory(directory)
    except OSError as error:
        raise InputError(
            f"{name} cannot be used as a directory ({error.strerror})",
            hint="name a directory that can be written",
        ) from error
    try:
        _check_guarded(handle, name)
        if not (directory / MANIFEST).exists():
            _check_empty(directory)  # before anything is left in it
        lock = locks.open_lock(LOCK, parent=handle)
        try:
            if not locks.try_acquire(lock):
                raise InputError(
                    f"another samego writes to {name}", hint="try again when it has ended"
                )
            yield Output(directory)
        finally:
            os.close(lock)
    finally:
        os.close(handle)


def _check_guarded(handle: int, name: str) -> None:
    """Raise InputError for a directory that others may write to, or that is another user's."""
    status = os.fstat(handle)
    if not safe_open.guarded(status):
        raise InputError(
            f"other users may write to {name}, which belongs to {safe_open.owner(status.st_uid)}",
            hint=f"run 'chmod go-w {name}', or name another directory",
        )


def _make(directory: Path) -> None:
    """Make a directory and those above it, which nobody else may write to whatever the umask."""
    for each in (*reversed(directory.parents), directory):
        with suppress(FileExistsError):
            each.mkdir(mode=_DIRECTORY_MODE)


class Output:
    """The site's files in a directory; see :func:`opened`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._entries = _read(directory)
        self._present = set(_walk(directory, "")) if self._entries else set()
        self._before: dict[str, str] = {}

    def stale(self, keys: Mapping[str, str]) -> list[str]:
        """The paths whose files are missing or made of something else than these keys say.

        Raises InputError, and nothing is written, where somebody else's file is in the way.
        """
        found = [
            path
            for path, key in keys.items()
            if self._entries.get(path, PageEntry()).key != key or path not in self._present
        ]
        for path in found:
            if path not in self._entries and os.path.lexists(self.directory / path):
                raise InputError(
                    f"{visible(str(self.directory / path))} is in the way and not the site's",
                    hint="move it away, or name another directory",
                )
        return found

    def begin(self, stale: Iterable[str]) -> None:
        """Take out what is known of files that will be written, so that nobody trusts it."""
        changed = list(stale)
        self._before = {path: self._entries.get(path, PageEntry()).sha256 for path in changed}
        if changed:
            self._entries.update(dict.fromkeys(changed, PageEntry()))
            self._save()

    def sha256(self, path: str) -> str:
        """The digest of a stale file's bytes as they lie there; empty where that is not known."""
        return self._before[path] if path in self._present else ""

    def note(self, path: str, key: str, sha256: str) -> None:
        """Note that a file was made of its key's data, and its bytes."""
        self._entries[path] = PageEntry(key, sha256)

    def finish(self, paths: Iterable[str]) -> int:
        """Remove the site's files that are not among these; how many there were."""
        gone = sorted(self._entries.keys() - set(paths))
        for path in gone:
            with suppress(FileNotFoundError):
                (self.directory / path).unlink()
            del self._entries[path]
            _prune(self.directory, Path(path).parent)
        self._save()
        return len(gone)

    def checkpoint(self) -> None:
        """Keep what was done so far."""
        self._save()

    def _save(self) -> None:
        entries = {path: [e.key, e.sha256] for path, e in sorted(self._entries.items())}
        text = json.dumps({"format": _FORMAT, "files": entries}, separators=(",", ":"))
        write(self.directory, MANIFEST, text.encode(), "", sync=True)


def write(directory: Path, path: str, data: bytes, before: str, *, sync: bool = False) -> str:
    """Write a file whole or not at all, unless its bytes are those of ``before`` (a sha256).

    Returns the sha256 of its bytes, with a ``+`` before it where the file was written.
    """
    digest = hashlib.sha256(data).hexdigest()
    if digest == before:
        return digest
    target = directory / path
    if not target.parent.is_dir():
        _make(target.parent)
    with atomic.replacing(target, sync=sync, directory=directory) as file:
        file.write(data)
    return f"+{digest}"


def _read(directory: Path) -> dict[str, PageEntry]:
    """The manifest. Raises InputError for a directory of something else."""
    try:
        data = json.loads((directory / MANIFEST).read_bytes())
        if data["format"] != _FORMAT:
            raise InputError(
                f"{visible(str(directory))} was written by another version of samego",
                hint="name an empty directory, or use that version",
            )
        entries = {_below(path): PageEntry(*entry) for path, entry in data["files"].items()}
    except FileNotFoundError:
        _check_empty(directory)
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{visible(str(directory / MANIFEST))} is damaged",
            hint="name an empty directory for the site",
        ) from error
    for part in atomic.unfinished_in(directory):
        with suppress(OSError):
            part.unlink()
    return entries


def _below(path: str) -> str:
    """A path of the manifest. Raises ValueError for one that leads out of the directory."""
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise ValueError(path)
    return path


def _check_empty(directory: Path) -> None:
    # A run that was killed before its first manifest was whole may have left its part.
    others = [
        item
        for item in directory.iterdir()
        if item.name != LOCK and not atomic.is_unfinished(item.name)
    ]
    if others:
        raise InputError(
            f"{visible(str(directory))} holds something that is not a site of samego's",
            hint="name an empty directory, or one that 'samego site' wrote",
        )


def _walk(directory: Path, below: str) -> Iterator[str]:
    """The paths of all regular files."""
    with os.scandir(directory / below) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(directory, f"{below}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield f"{below}{entry.name}"


def _prune(directory: Path, below: Path) -> None:
    """Remove directories that became empty."""
    while below != Path():
        try:
            (directory / below).rmdir()
        except OSError:
            return
        below = below.parent
