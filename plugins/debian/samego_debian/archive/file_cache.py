"""Files that signed lists name, kept by their sha256: downloaded once, checked when used."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from samego.distro.shipment import check_file
from samego.errors import CacheError, SamegoError
from samego.system.disk import trim, used
from samego.system.temporary import temporary_directory
from samego_debian.archive.listed import ListedFile


@dataclass(frozen=True, slots=True)
class FileCache:
    """The files below ``directory``, each in a directory of its digest."""

    directory: Path

    @classmethod
    def below(cls, cache: Path) -> FileCache:
        """The one of samego's cache, for all suites and mirrors."""
        return cls(cache / "debian/files")

    def path(self, file: ListedFile) -> Path:
        """Where a file lies once it was downloaded."""
        return self.directory / file.sha256 / file.name

    def check(self, file: ListedFile) -> None:
        """Check a file that was downloaded before. Raises CacheError."""
        try:
            check_file(self.path(file), file.sha256, file.size, listed_in="the mirror's list")
        except SamegoError as error:
            raise CacheError(
                f"{self.path(file)} in the cache was changed",
                hint="remove it and try again",
            ) from error

    def use(self, file: ListedFile) -> Path:
        """The path of a file, noted as used."""
        used(self.path(file).parent)
        return self.path(file)

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A directory to download to, which is removed when the context ends."""
        with temporary_directory(self.directory, prefix=".new-") as directory:
            yield directory

    def take(self, directory: Path, files: Sequence[ListedFile]) -> None:
        """Move what was downloaded to its place, checked against the signed lists."""
        for file in files:
            # apt spells a version's colon %3a in file names; the lists do not.
            for path in list(directory.iterdir()):
                if path.name.replace("%3a", ":") != file.name or not path.is_file():
                    continue
                if path.is_symlink():
                    # apt links to the files of a repository on this machine, which may go.
                    linked = path.resolve()
                    path.unlink()
                    shutil.copyfile(linked, path)
                check_file(path, file.sha256, file.size, listed_in="the mirror's list")
                target = self.path(file)
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
                break
        trim(self.directory)
