"""GOROOT directories to build in: upstream's posted toolchain, with some sources replaced."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from samego.errors import BuildError, DiskFullError
from samego.model.tree import Kind, Tree
from samego.system import atomic
from samego.system.temporary import temporary_directory
from samego.system.terminal import visible

#: What a build may write below GOROOT: it gets copies of its own, not links.
_WRITTEN = ("bin/", "pkg/")
_SCRATCH, _LOCK = ".build-", "lock"
#: Seconds in which a scratch directory that was made gets its lock.
_YOUNG = 3600.0


def unpack(tree: Tree, directory: Path) -> Path:
    """Write a goroot tree to ``directory`` unless it is there already; atomic.

    Raises DiskFullError when there is no room; nothing is left behind then.
    """
    if directory.is_dir():
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    files = {path: entry for path, entry in tree.items() if entry.kind is Kind.FILE}
    try:
        with temporary_directory(directory.parent, prefix=".new-") as temporary:
            tree.load(files)  # one pass over what is compressed
            for path, entry in files.items():
                _write(temporary / path, tree.read(path), entry.mode)
            atomic.place_directory(temporary, directory)
    except OSError as error:
        raise DiskFullError(
            f"a toolchain cannot be unpacked in {directory.parent} ({error.strerror})",
            hint="free a gigabyte there or set SAMEGO_CACHE",
        ) from error
    return directory


@contextmanager
def scratch_directory(directory: Path) -> Iterator[Path]:
    """A directory for one build below ``directory``, removed when the context ends.

    It is locked while it is used: what a killed run left there is removed by the next.
    """
    directory.mkdir(parents=True, exist_ok=True)
    remove_abandoned(directory)
    with (
        temporary_directory(directory, prefix=_SCRATCH) as scratch,
        (scratch / _LOCK).open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield scratch


def remove_abandoned(directory: Path) -> None:
    """Remove the scratch directories below ``directory`` that no process uses any more."""
    for left in directory.glob(f"{_SCRATCH}*"):
        _remove_unlocked(left)


def _remove_unlocked(scratch: Path) -> None:
    try:
        lock = (scratch / _LOCK).open("r+")
    except OSError:
        with suppress(OSError):  # just removed, or just made: else its maker was killed then
            if time.time() - scratch.stat().st_mtime > _YOUNG:
                shutil.rmtree(scratch, ignore_errors=True)
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def build_goroot(
    pristine: Path,
    sources: Mapping[str, bytes | None],
    directory: Path,
    *,
    copies: bool = False,
) -> Iterator[Path]:
    """A GOROOT to build in, made of links to ``pristine`` with ``sources`` put in place.

    A source that is None is left out. ``copies`` stand in for the links where a stranger's
    program runs. Everything is removed when the context ends.
    """
    goroot = directory / "goroot"
    try:
        for path in _files(pristine):
            if path not in sources:
                place = goroot / path
                place.parent.mkdir(parents=True, exist_ok=True)
                if copies or path.startswith(_WRITTEN):
                    shutil.copy2(pristine / path, place)
                else:
                    os.link(pristine / path, place)
        put(goroot, sources)
        yield goroot
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def put(goroot: Path, sources: Mapping[str, bytes | None]) -> None:
    """Put sources in place of a GOROOT's own files; one that is None is left out.

    Raises BuildError where a path cannot be written.
    """
    path = ""
    try:
        for path, data in sources.items():
            # The file that is there may be a link to one that is kept.
            (goroot / path).unlink(missing_ok=True)
            if data is not None:
                _write(goroot / path, data, 0o644)
    except OSError as error:
        raise BuildError(
            f"{visible(path)} cannot be put into a GOROOT ({error.strerror})",
            hint="check the package's paths, and the room on the disk",
        ) from error


def _files(root: Path) -> Iterator[str]:
    for directory, _names, files in os.walk(root):
        below = Path(directory).relative_to(root)
        for name in files:
            yield str(below / name)


def _write(path: Path, data: bytes, mode: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode or 0o644)
