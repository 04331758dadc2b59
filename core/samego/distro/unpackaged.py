"""A toolchain that no distro's plugin claims: a directory, or an archive in upstream's form.

It must have upstream's own layout, or one of the forms of samego.distro.forms.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from samego.distro.forms import form_of
from samego.distro.interface import Claims, Packaging, Request, SelfDescription, Shipment
from samego.distro.version_file import NAME as VERSION
from samego.distro.version_file import read_version
from samego.errors import InputError, NoToolchainError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.module_zip import goroot_path, module_prefix, posted_mode
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.formats.archive.zip import index_zip, read_zip
from samego.formats.tree.directory import read_directory
from samego.model.inputs import Inputs
from samego.model.policy import UPSTREAM_LAYOUT
from samego.model.release import Release, Target
from samego.model.subject import Package, Subject
from samego.model.tree import Entry, Kind, Tree

_TOOL = re.compile(r"pkg/tool/([a-z0-9]+)_([a-z0-9]+)/[^/]+", re.ASCII)
_ARCHIVE_ROOT = "go/"


class Unpackaged(Shipment):
    """A toolchain without a package around it."""

    def __init__(self, tree: Tree, request: Request, directory: Path | None = None) -> None:
        self._tree = tree
        release = request.release or version_of(tree)
        target = request.target or target_of(tree)
        thing = Package(tree.name, "", "", "")
        self.subject = Subject("none", (thing,), release, target, "")
        self.policy = UPSTREAM_LAYOUT
        self.inputs = Inputs()
        self.notes: tuple[str, ...] = ()
        self.source_archive: Path | None = None
        self.packaging: Packaging | None = None
        self.claims: Claims | None = None
        self.self_description = SelfDescription()
        self.withheld: frozenset[str] = frozenset()
        form = form_of(directory, tree) if directory is not None else None
        if directory is not None and form is not None:
            self._tree = form.as_posted(tree)
            self.policy = form.policy_for(release, target)
            self.notes = (form.note,)
            remarks = tuple(form.remarks(directory, self._tree))
            self.self_description = SelfDescription(remarks=remarks)

    def read(self, known: Container[str]) -> Tree:
        """The tree; it was read when it was opened, to learn its release."""
        del known
        return self._tree


@contextmanager
def open_unpackaged(request: Request) -> Iterator[Unpackaged]:
    """Open the one directory or archive that the user named.

    Raises InputError when it is neither, or holds no Go toolchain.
    """
    if len(request.what) != 1:
        raise InputError(
            f"{', '.join(request.what) or 'nothing'} is not one thing to check",
            hint="name the packages of one build, one directory or one archive",
        )
    path = Path(request.what[0])
    spool = Spool(request.work)
    try:
        directory = path.resolve() if path.is_dir() else None
        yield Unpackaged(_read(directory or path, spool), request, directory)
    finally:
        spool.close()


def _read(path: Path, spool: Spool) -> Tree:
    if not path.exists():
        raise InputError(f"{path} does not exist", hint="check the path")
    if path.is_dir():
        return without_owners(read_directory(path, name=str(path), itself=True))
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PK\x03\x04":
        return _read_zip(path)

    def stream() -> BinaryIO:
        return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)

    return read_tar(stream, name=path.name, spool=spool, strip=_ARCHIVE_ROOT)


def _read_zip(path: Path) -> Tree:
    members = index_zip(path, name=path.name)
    if next(iter(members), "").startswith(_ARCHIVE_ROOT):
        return read_zip(path, members, name=path.name, strip=_ARCHIVE_ROOT)
    prefix = module_prefix(members, name=path.name)
    return read_zip(
        path, members, name=path.name, strip=prefix, rename=goroot_path, mode_of=posted_mode
    )


def without_owners(tree: Tree) -> Tree:
    """The tree without owners, who are only the user that unpacked it.

    Where each user has a group of the same number (useradd, USERGROUPS_ENAB), a umask of 002 lets
    that group write. It has no other member, so the group's right to write is dropped.
    """
    return tree.with_entries(
        {key: _without_owner(entry) for key, entry in tree.items()}, carries_modes=True
    )


def _without_owner(entry: Entry) -> Entry:
    mode, owner = entry.mode, entry.owner
    if mode is not None and owner is not None and owner[0] == owner[1] != 0:
        mode &= ~stat.S_IWGRP
    return Entry(
        entry.path,
        entry.kind,
        mode,
        entry.size,
        entry.sha256,
        entry.link,
        xattrs=entry.xattrs,
    )


def version_of(tree: Tree) -> Release:
    """The release that a goroot tree's VERSION names.

    Raises NoToolchainError when there is no such file, UnknownReleaseError when it names none.
    """
    entry = tree.get(VERSION)
    if entry is None or entry.kind is not Kind.FILE:
        raise NoToolchainError(
            f"{tree.name} has no VERSION file: it is no Go toolchain",
            hint="name a GOROOT directory or a Go toolchain's archive or packages",
        )
    return read_version(tree.read(VERSION), name=tree.name).release


def target_of(tree: Tree) -> Target:
    """The target whose tools a goroot tree has.

    Raises InputError when it has no tools, or tools for several targets.
    """
    found = {match.groups() for path in tree if (match := _TOOL.fullmatch(path))}
    if len(found) != 1:
        raise InputError(
            f"{tree.name} has tools for {len(found)} targets in pkg/tool",
            hint="say which it is for with --target GOOS-GOARCH",
        )
    ((goos, goarch),) = found
    return Target(goos, goarch)
