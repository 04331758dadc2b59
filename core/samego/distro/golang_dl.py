"""A toolchain below ``~/sdk``, as golang.org/dl's ``go1.26.10 download`` leaves it there.

It unpacks upstream's archive, keeps the archive beside the files, and writes an empty file at the
end (golang.org/dl, internal/version/version.go, install). When the empty file is missing, it
unpacks the archive again and does not say so: therefore the archive is compared with the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from samego.distro.interface import Remark
from samego.errors import SamegoError, UnknownReleaseError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.formats.archive.zip import index_zip, read_zip
from samego.model.causes.packages import OtherUnpacked, UnreadableArchive
from samego.model.proof import Standing
from samego.model.release import PostedName
from samego.model.tree import Kind, Tree
from samego.model.value import Cause

NOTE = "read as golang.org/dl unpacks upstream's archive"
#: The file by which golang.org/dl knows that an archive is unpacked whole.
MARK = ".unpacked-success"
_ROOT = "go/"
_KIND = "unpacked archive"


def is_unpacked(_directory: Path, tree: Tree) -> bool:
    """Whether golang.org/dl unpacked a tree."""
    return MARK in tree


def as_posted(tree: Tree) -> Tree:
    """The tree without the archive that it was unpacked from."""
    entries = {path: entry for path, entry in tree.items() if not _is_archive(path)}
    return tree.with_entries(entries, carries_modes=True)


def remarks(directory: Path, tree: Tree) -> Iterator[Remark]:
    """A finding for a kept archive that holds other files than the directory."""
    for path in sorted(directory.iterdir()):
        if not _is_archive(path.name):
            continue
        try:
            packed = _digests(path)
        except SamegoError as error:
            yield _remark(path, UnreadableArchive(error.message))
            continue
        mine = {key: entry.sha256 for key, entry in tree.items() if entry.kind is Kind.FILE}
        mine.pop(MARK, None)
        differing = sorted(
            key for key in packed.keys() | mine.keys() if packed.get(key) != mine.get(key)
        )
        if differing:
            yield _remark(path, OtherUnpacked(differing[0], len(differing) - 1))


def _is_archive(path: str) -> bool:
    """Whether a name is one of upstream's binary archives."""
    try:
        return PostedName.parse(path).target is not None
    except UnknownReleaseError:
        return False


def _digests(path: Path) -> dict[str, str]:
    with closing(Spool()) as spool:
        if path.suffix == ".zip":
            members = index_zip(path, name=path.name)
            tree = read_zip(path, members, name=path.name, strip=_ROOT)
        else:

            def stream() -> BinaryIO:
                return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)

            tree = read_tar(stream, name=path.name, spool=spool, known=_Everything(), strip=_ROOT)
        return {key: entry.sha256 for key, entry in tree.items() if entry.kind is Kind.FILE}


class _Everything:
    """Contains every digest, so that the spool keeps no file's bytes."""

    def __contains__(self, _digest: object) -> bool:
        return True


def _remark(path: Path, cause: Cause) -> Remark:
    return Remark(path.name, _KIND, Standing.UNEXPLAINED, (cause,))
