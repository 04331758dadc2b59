"""A package file: identity at once, contents on demand.

The format is a tar compressed with zstd, gzip or xz; the first members are .BUILDINFO,
.MTREE and .PKGINFO, then the files as they are installed (makepkg(8)). Its identity is
libalpm's word, and must be that of .PKGINFO; the contents are streamed by the core.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError, VerificationError
from samego.goroot.compression import open_decompressed
from samego.goroot.limits import DEFAULT_LIMITS
from samego.goroot.spool import Spool
from samego.goroot.tar import pick_from_tar, read_tar
from samego.goroot.tree import Tree
from samego_arch import buildinfo, mtree, pkginfo
from samego_arch.alpm import AlpmPackage, load_package

#: The package of Arch that holds Go.
PACKAGE = "go"
#: Where Arch's Go lies in the payload.
GOROOT = "usr/lib/go"
VERSION_FILE = f"{GOROOT}/VERSION"
_EARLY = (pkginfo.NAME, buildinfo.NAME, mtree.NAME, VERSION_FILE)


class ArchPackage:
    """One package file, opened.

    ``info``, ``build`` and ``listed`` are .PKGINFO, .BUILDINFO and .MTREE; ``version_file``
    is GOROOT's VERSION, None where there is none.
    """

    def __init__(self, path: Path, work: Path) -> None:
        """Open a package; ``work`` takes temporary files.

        Raises InputError for what is no package or damaged, VerificationError for one that
        contradicts itself, ToolError without pyalpm.
        """
        self.path = path
        self.name = path.name
        self._check_start()
        early = pick_from_tar(self._open, _EARLY, len(_EARLY), name=self.name)
        for needed in _EARLY[:3]:
            if needed not in early:
                raise InputError(
                    f"{self.name} is no Arch package (it has no {needed})",
                    hint="give a package as makepkg makes it",
                )
        self.info = pkginfo.parse_pkginfo(early[pkginfo.NAME], name=self.name)
        self.build = buildinfo.parse_buildinfo(early[buildinfo.NAME], name=self.name)
        buildinfo.check_agrees(self.build, self.info, name=self.name)
        self.listed = mtree.parse_mtree(early[mtree.NAME], name=self.name)
        self.version_file = early.get(VERSION_FILE)
        self._check_identity(load_package(path, work))

    def read(self, *, spool: Spool, known: Container[str]) -> Tree:
        """The payload in one pass, with the metadata that .MTREE lists too."""
        tree = read_tar(self._open, name=self.name, spool=spool, known=known)
        # .MTREE does not list itself.
        entries = {path: entry for path, entry in tree.items() if path != mtree.NAME}
        return tree.with_entries(entries, carries_modes=True)

    def _open(self) -> BinaryIO:
        return open_decompressed(self.path.open("rb"), name=self.name, limits=DEFAULT_LIMITS)

    def _check_start(self) -> None:
        try:
            with self.path.open("rb") as file:
                start = file.read(1)
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be read ({error.strerror})", hint="check the path"
            ) from error
        if not start:
            raise InputError(f"{self.name} is empty", hint="get the file again from its source")

    def _check_identity(self, alpm: AlpmPackage) -> None:
        """Refuse a package that libalpm takes for another one than its .PKGINFO says."""
        ours = (self.info.name, self.info.version.text, self.info.architecture)
        theirs = (alpm.name, alpm.version, alpm.architecture)
        if ours != theirs:
            raise VerificationError(
                f"{self.name} is {' '.join(theirs)} for libalpm and {' '.join(ours)} by its"
                f" {pkginfo.NAME}",
                hint="do not install it; get the package again from its source",
            )
