"""A file on a system that lies below some root directory, such as a chroot's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, UnsafePathError
from samego.system import atomic, safe_open

_DIRECTORY_MODE = 0o755
#: The longest configuration file, in bytes.
_LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class SystemPlace:
    """``name`` is the file's absolute path as the system below ``root`` sees it."""

    root: Path
    name: str

    @property
    def path(self) -> Path:
        """The file's real path, links followed. Raises InputError where they lead out of root."""
        root = Path(os.path.realpath(self.root))
        path = Path(os.path.realpath(root / self.name.lstrip("/")))
        if path != root and root not in path.parents:
            raise InputError(
                f"{self.name} leads out of {root}, to {path}", hint="install it from inside"
            )
        return path

    def is_link(self) -> bool:
        """Whether the last part of the path is a link."""
        return (self.root / self.name.lstrip("/")).is_symlink()

    def read(self) -> bytes | None:
        """The file's bytes, None where there is none. Raises InputError for what is no file."""
        try:
            return safe_open.read_file(self.path, _LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be read ({error.strerror})", hint="check what it is"
            ) from error

    def missing_directories(self) -> tuple[str, ...]:
        """The directories above that do not exist, the outer ones first."""
        root = Path(os.path.realpath(self.root))
        path = self.path
        inside = [parent for parent in path.parents if root in parent.parents]
        return tuple(
            f"/{parent.relative_to(root)}" for parent in reversed(inside) if not parent.exists()
        )

    def write(self, data: bytes, *, mode: int) -> None:
        """Write the file whole or not at all; a file that is there keeps its mode and owner.

        The directories above are made. Raises OSError, and UnsafePathError where other users
        may write to a directory on the way: they could lead it elsewhere.
        """
        path = self._guarded()
        for name in self.missing_directories():
            made = SystemPlace(self.root, name).path
            made.mkdir(exist_ok=True)
            made.chmod(_DIRECTORY_MODE)  # whatever the umask
        with atomic.replacing(path, sync=True) as file:
            file.write(data)
            _take_after(path, file.fileno(), mode)

    def remove(self) -> None:
        """Remove the file where it is there. Raises as :meth:`write` does."""
        self._guarded().unlink(missing_ok=True)

    def remove_directory(self) -> None:
        """Remove the directory if it is empty. Raises as :meth:`write` does."""
        self._guarded().rmdir()

    def _guarded(self) -> Path:
        """The file's real path, no part of which another user can change."""
        path = self.path
        root = Path(os.path.realpath(self.root))
        above = (root / self.name.lstrip("/")).parent
        while not above.is_dir():
            above = above.parent
        # Refuses a link that another user could have made.
        os.close(safe_open.open_directory(above))
        for directory in (*_from(root, Path(os.path.realpath(above)) / "x"), *_from(root, path)):
            status = directory.stat()
            if not safe_open.guarded(status):
                raise UnsafePathError(
                    f"other users may write to {directory}, which belongs to"
                    f" {safe_open.owner(status.st_uid)}: they could replace {self.name}",
                    hint="remove that permission, or run this as the owner",
                )
        return path


def _from(root: Path, path: Path) -> Iterator[Path]:
    """The directories above a path that exist, from ``root`` down."""
    for directory in reversed(path.parents):
        if (directory == root or root in directory.parents) and directory.is_dir():
            yield directory


def _take_after(path: Path, handle: int, mode: int) -> None:
    """Give an open file the owner and mode of the file at ``path``, or ``mode``."""
    try:
        old = path.stat()
    except FileNotFoundError:
        os.fchmod(handle, mode)
        return
    own = os.fstat(handle)
    if (old.st_uid, old.st_gid) != (own.st_uid, own.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, old.st_mode & 0o7777)
