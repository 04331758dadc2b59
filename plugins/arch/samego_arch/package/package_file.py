"""A package file: identity at once, contents on demand.

The format is a tar compressed with zstd, gzip or xz; the first members are .BUILDINFO,
.MTREE and .PKGINFO, then the files as they are installed (makepkg(8)). libalpm reads the identity
and the list of files as well, and both readings must agree; the core streams the contents, which
must have the form that makepkg writes.
"""

from __future__ import annotations

import stat
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError, VerificationError
from samego.formats.archive.compression import DECODE_ERRORS, truncated
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.one_stream import compression_of, open_one_stream
from samego.formats.archive.paths import hostile
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.bsdtar import BSDTAR
from samego.formats.archive.tar.reader import pick_from_tar, read_tar
from samego.model.tree import Entry, Kind, Tree
from samego_arch.package import buildinfo, mtree, pkginfo
from samego_arch.package.alpm import AlpmPackage, load_package

#: The package of Arch that holds Go.
PACKAGE = "go"
#: Where Arch's Go lies in the payload.
GOROOT = "usr/lib/go"
VERSION_FILE = f"{GOROOT}/VERSION"
_EARLY = (pkginfo.NAME, buildinfo.NAME, mtree.NAME, VERSION_FILE)
#: More than the magic number of a compression.
_START = 8
_TYPES = {Kind.FILE: stat.S_IFREG, Kind.DIRECTORY: stat.S_IFDIR, Kind.LINK: stat.S_IFLNK}
_LINK_MODE = 0o777


class ArchPackage:
    """One package file, opened.

    ``info``, ``build`` and ``listed`` are .PKGINFO, .BUILDINFO and .MTREE; ``version_file``
    is GOROOT's VERSION, None where there is none.
    """

    def __init__(self, path: Path, work: Path) -> None:
        """Open a package; ``work`` takes temporary files.

        Raises InputError for a file that is damaged or no package, VerificationError for a
        package that contradicts itself, ToolError without pyalpm.
        """
        self.path = path
        self.name = path.name
        self._compression = compression_of(self._start())
        self._check_first_member()
        early = pick_from_tar(self._open, _EARLY, len(_EARLY), name=self.name, form=BSDTAR)
        for needed in _EARLY[:3]:
            if needed not in early:
                raise InputError(
                    f"{self.name} is not an Arch package (it has no {needed})",
                    hint="give a package as makepkg makes it",
                )
        self.info = pkginfo.parse_pkginfo(early[pkginfo.NAME], name=self.name)
        self.build = buildinfo.parse_buildinfo(early[buildinfo.NAME], name=self.name)
        buildinfo.check_agrees(self.build, self.info, name=self.name)
        self.listed = mtree.parse_mtree(early[mtree.NAME], name=self.name)
        self.version_file = early.get(VERSION_FILE)
        alpm = load_package(path, work)
        self._check_identity(alpm)
        _check_list(alpm.files, self.listed, name=self.name)

    def read(self, *, spool: Spool, known: Container[str]) -> Tree:
        """The payload in one pass, with the metadata that .MTREE lists too."""
        tree = read_tar(self._open, name=self.name, spool=spool, known=known, form=BSDTAR)
        _check_order(tree, name=self.name)
        # .MTREE does not list itself.
        entries = {path: entry for path, entry in tree.items() if path != mtree.NAME}
        return tree.with_entries(entries, carries_modes=True)

    def _open(self) -> BinaryIO:
        file = self.path.open("rb")
        try:
            return open_one_stream(file, self._compression, name=self.name, limits=DEFAULT_LIMITS)
        except BaseException:
            file.close()
            raise

    def _start(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                start = file.read(_START)
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be read ({error.strerror})", hint="check the path"
            ) from error
        if not start:
            raise InputError(f"{self.name} is empty", hint="get the file again from its source")
        return start

    def _check_first_member(self) -> None:
        """Refuse what does not begin with a record of makepkg's.

        libarchive searches a decompressed stream for another compression or format; no magic
        number begins as these names do.
        """
        longest = max(map(len, _EARLY[:3])) + 1
        try:
            with self._open() as stream:
                first = stream.read(longest)
        except DECODE_ERRORS as error:
            raise truncated(self.name, error) from error
        if first.partition(b"\0")[0] not in [name.encode() for name in _EARLY[:3]]:
            raise InputError(
                f"{self.name} is not an Arch package (its first member is none of"
                f" {', '.join(_EARLY[:3])})",
                hint="give a package as makepkg makes it",
            )

    def _check_identity(self, alpm: AlpmPackage) -> None:
        """Refuse a package whose identity libalpm reads in another way than samego."""
        ours = (self.info.name, self.info.version.text, self.info.architecture)
        theirs = (alpm.name, alpm.version, alpm.architecture)
        if ours != theirs:
            raise VerificationError(
                f"{self.name} is {' '.join(theirs)} for libalpm and {' '.join(ours)} by its"
                f" {pkginfo.NAME}",
                hint="do not install it; get the package again from its source",
            )


def _check_order(paths: Iterable[str], *, name: str) -> None:
    """Refuse pacman's own members behind files that it installs.

    makepkg packs by the names in the order of their bytes, so that these members come first.
    """
    installs = ""
    for path in paths:
        if not path.startswith("."):
            installs = path
        elif installs:
            raise hostile(name, f"has {path!r} behind {installs!r}: makepkg packs it before")


def _check_list(
    theirs: Mapping[str, tuple[int, int]], listed: Mapping[str, Entry], *, name: str
) -> None:
    """Refuse a package whose .MTREE libalpm reads in another way than samego.

    libalpm takes its list of files from .MTREE, without the dot files at the root. The archive's
    files are compared with .MTREE later, as with a claim.
    """
    ours = {path: entry for path, entry in listed.items() if not path.startswith(".")}
    for path in sorted({*theirs, *ours}):
        mine = _as_alpm(ours[path]) if path in ours else None
        if theirs.get(path) != mine:
            raise VerificationError(
                f"{name}'s {mtree.NAME} has {path!r} {_shown(theirs.get(path))} for libalpm and"
                f" {_shown(mine)} for samego",
                hint="do not install it; get the package again from its source",
            )


def _as_alpm(entry: Entry) -> tuple[int, int]:
    """Size and mode of an entry as libalpm gives them, the type in the mode."""
    mode = _LINK_MODE if entry.mode is None else entry.mode
    return (entry.size, _TYPES[entry.kind] | mode)


def _shown(listed: tuple[int, int] | None) -> str:
    return "missing" if listed is None else f"with {listed[0]} bytes and the mode {listed[1]:o}"
