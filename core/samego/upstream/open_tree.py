"""A posted file as a goroot tree, whichever form it was posted in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError, VerificationError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.index import IndexCache, entries_of, entry_rows
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.module_zip import goroot_path, module_prefix, posted_mode
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import indexed_tar, read_tar
from samego.formats.archive.zip import ZipMember, index_zip, list_zip, read_zip
from samego.formats.tree.composed import ComposedSource
from samego.model.tree import Entry, Tree
from samego.upstream.channels.interface import MODULE_LEAVES_OUT, Posted

_ARCHIVE_ROOT = "go/"


class Opener:
    """Opens posted files.

    What an archive holds is remembered between runs under the user's seal. Of a zip it counts
    again only where its ``h1:`` hash is the verified one: else the zip is read anew.
    """

    def __init__(self, indexes: IndexCache, spool: Spool) -> None:
        self._indexes = indexes
        self._spool = spool
        self._read: dict[str, Mapping[str, ZipMember]] = {}

    def members(self, path: Path, sha256: str, expected_h1: str = "") -> Mapping[str, ZipMember]:
        """The members of a zip by raw name, hashed at most once in a run (see index_zip).

        With ``expected_h1``, what an earlier run has found will do when that is its hash.
        """
        known = self._read.get(sha256)
        if known is None:
            known = self._remembered(path, sha256, expected_h1)
        if known is None:
            known = index_zip(path, name=path.name)
            self._indexes.store(sha256, [[name, member.sha256] for name, member in known.items()])
        self._read[sha256] = known
        return known

    def _remembered(
        self, path: Path, sha256: str, expected_h1: str
    ) -> Mapping[str, ZipMember] | None:
        rows = self._indexes.load(sha256) if expected_h1 else None
        if rows is None or _h1_of(rows) != expected_h1:
            return None
        digests: dict[str, str] = dict(map(tuple, rows))
        members = list_zip(path, name=path.name)
        if members.keys() != digests.keys():
            return None
        return {name: member._replace(sha256=digests[name]) for name, member in members.items()}

    def open(self, posted: Posted) -> Tree:
        """The goroot tree of a posted file. Raises InputError when it cannot be read."""
        name = posted.url.rpartition("/")[2] or posted.path.name
        if posted.form == "module":
            return self._module(posted, name)
        if posted.path.name.endswith(".zip") or name.endswith(".zip"):
            members = self.members(posted.path, posted.sha256)
            return read_zip(posted.path, members, name=name, strip=_ARCHIVE_ROOT)
        return self._tar(posted, name)

    def _module(self, posted: Posted, name: str) -> Tree:
        members = self.members(posted.path, posted.sha256, posted.expected_h1)
        # Its h1 hash says nothing of modes: upstream's archive gives each path its mode by
        # name, and the go command sets its own when it unpacks one.
        return read_zip(
            posted.path,
            members,
            name=name,
            strip=module_prefix(members, name=name),
            rename=goroot_path,
            mode_of=posted_mode,
        )

    def _tar(self, posted: Posted, name: str) -> Tree:
        def stream() -> BinaryIO:
            file = posted.path.open("rb")
            return open_decompressed(file, name=name, limits=DEFAULT_LIMITS)

        rows = self._indexes.load(posted.sha256)
        if rows is not None:
            entries = entries_of(rows)
            return indexed_tar(stream, entries, name=name, spool=self._spool, strip=_ARCHIVE_ROOT)
        tree = read_tar(
            stream, name=name, spool=self._spool, known=_Everything(), strip=_ARCHIVE_ROOT
        )
        self._indexes.store(posted.sha256, entry_rows(tree))
        return tree


def _h1_of(rows: Iterable[Sequence[str]]) -> str:
    try:
        return hash1((name, digest) for name, digest in rows)
    except (InputError, ValueError, TypeError):
        return ""


def fill_in(tree: Tree, source: Tree) -> Tree:
    """A binary tree with what its form left out taken from the source archive.

    What both hold must agree: raises VerificationError when the source archive has a file
    of other content than the binary form, because then one of the two is not upstream's.
    """
    entries: dict[str, Entry] = dict(tree)
    origin: dict[str, Tree] = {}
    for path, entry in source.items():
        mine = tree.get(path)
        if mine is None and path.startswith(MODULE_LEAVES_OUT):
            entries[path] = replace(entry, mode=posted_mode(path) if entry.sha256 else entry.mode)
            origin[path] = source
        elif mine is not None and mine.sha256 != entry.sha256:
            raise VerificationError(
                f"{path} differs between {tree.name} and {source.name}",
                hint="one of the two is not what upstream posted; fetch both again",
            )
    located = ComposedSource(lambda path: (origin.get(path, tree), path))
    return Tree(entries, located, name=tree.name, carries_modes=tree.carries_modes)


class _Everything:
    """A container that holds every digest: nothing need be kept."""

    def __contains__(self, _digest: object) -> bool:
        return True
