"""Reading macOS installer packages (``.pkg``) as go.dev/dl posts them.

Such a file is a xar archive around the component ``org.golang.go.pkg``, whose ``Payload`` is a
gzip'd cpio of what is installed, from the root of the file system on (golang.org/x/build,
internal/installer/darwinpkg).
"""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Container, Iterable
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed, truncated
from samego.formats.archive.cpio import CpioMember, read_cpio
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.passes import Passes
from samego.formats.archive.paths import check_nesting, clean_path, hostile, too_large
from samego.formats.archive.spool import Spool
from samego.formats.archive.xar import Xar
from samego.model.tree import Entry, Kind, Tree

#: Permissions of the group and of others to write, setuid and setgid.
_NOT_OF_ROOT = 0o6022
_PAYLOAD = "org.golang.go.pkg/Payload"


def read_pkg(
    path: Path,
    *,
    name: str,
    spool: Spool,
    known: Container[str] = frozenset(),
    limits: ArchiveLimits = DEFAULT_LIMITS,
) -> Tree:
    """What a package installs, as a tree that begins at the root of the file system.

    The bytes of files whose sha256 is not in ``known`` are kept in ``spool`` under
    ``NAME:PATH``; the others are read again when asked for.

    Raises InputError for a file that is truncated, damaged or no such package,
    HostileArchiveError for names that climb or collide, a second payload, a root that
    anybody may write, devices, hard links, hidden data, and anything beyond ``limits``.
    """
    source = _PkgSource(path, name, spool, limits)
    entries: dict[str, Entry] = {}
    for member in source.members():
        place = clean_path(member.name, name=name, limits=limits)
        if not place:
            _check_root(member, name)
            continue
        if place in entries:
            raise hostile(name, f"has {place!r} twice")
        if len(entries) >= limits.entries:
            raise too_large(name, f"over {limits.entries} members")
        entry = _entry(place, member)
        entries[place] = entry
        if entry.kind is Kind.FILE and entry.sha256 not in known:
            spool.add(source.key(place), member.data)
    check_nesting(entries, name=name)
    return Tree(entries, source, name=name, carries_modes=True)


class _PkgSource:
    """Gives the payload's bytes from the spool, or by another pass over the package."""

    def __init__(self, path: Path, name: str, spool: Spool, limits: ArchiveLimits) -> None:
        self._path = path
        self._name = name
        self._spool = spool
        self._limits = limits
        self._passes = Passes()

    def key(self, path: str) -> str:
        return f"{self._name}:{path}"

    def members(self) -> Iterable[CpioMember]:
        """The payload's members."""
        packed: BinaryIO = io.BytesIO(_payload(self._path, self._name, self._limits))
        try:
            with open_decompressed(packed, name=self._name, limits=self._limits) as stream:
                yield from read_cpio(stream, name=self._name, limits=self._limits)
        except DECODE_ERRORS as error:
            raise truncated(self._name, error) from error

    def load(self, paths: Iterable[str]) -> None:
        with self._passes.lock:
            missing = {path for path in paths if self.key(path) not in self._spool}
            if not missing:
                return
            whole = self._passes.next_is_last()
            for member in self.members():
                place = clean_path(member.name, name=self._name, limits=self._limits)
                if place in missing or (whole and self.key(place) not in self._spool):
                    self._spool.add(self.key(place), member.data)

    def read(self, path: str) -> bytes:
        self.load([path])
        return self._spool.read(self.key(path))


def _check_root(member: CpioMember, name: str) -> None:
    """Refuse what would make the root of the file system something else: no entry tells of it."""
    if not stat.S_ISDIR(member.mode) or member.mode & _NOT_OF_ROOT:
        raise hostile(name, f"has / with mode {member.mode:o}")


def _entry(path: str, member: CpioMember) -> Entry:
    mode = stat.S_IMODE(member.mode)
    if stat.S_ISDIR(member.mode):
        return Entry(path, Kind.DIRECTORY, mode, owner=member.owner)
    if stat.S_ISLNK(member.mode):
        link = member.data.decode("utf-8", "surrogateescape")
        return Entry(path, Kind.LINK, None, link=link, owner=member.owner)
    digest = hashlib.sha256(member.data).hexdigest()
    return Entry(path, Kind.FILE, mode, len(member.data), digest, owner=member.owner)


def _payload(path: Path, name: str, limits: ArchiveLimits) -> bytes:
    """The one payload of the package, as it is packed."""
    try:
        with path.open("rb") as file:
            archive = Xar(file, name=name, limits=limits)
            found = [each for each in archive.members if each.path.rpartition("/")[2] == "Payload"]
            for member in found:
                if member.path != _PAYLOAD:
                    raise hostile(name, f"has {member.path!r}, which would be installed as well")
            if found:
                return archive.read(found[0])
    except OSError as error:
        raise truncated(name, error) from error
    raise InputError(
        f"{name} has no {_PAYLOAD}", hint="give a macOS installer that go.dev/dl posts"
    )
