"""Reading tar archives in one strict streaming pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.compression import DECODE_ERRORS, truncated
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.passes import Passes
from samego.formats.archive.paths import check_nesting, clean_path, hostile, too_large
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.gnu import TarForm
from samego.formats.archive.tar.header import TarError
from samego.formats.archive.tar.members import (
    DIRECTORY,
    HARD_LINK,
    REGULAR,
    SYMBOLIC_LINK,
    TarMember,
    read_data,
    read_members,
    refusal,
)
from samego.model.tree import Entry, Kind, Tree

_ROOT_MODE = 0o755

#: Opens the decompressed stream from its start; called again for a second pass.
OpenStream = Callable[[], BinaryIO]
#: The members before this one, for hard links; None in a later pass.
_Seen = dict[str, Entry] | None


def read_tar(
    open_stream: OpenStream,
    *,
    name: str,
    spool: Spool,
    known: Container[str] = frozenset(),
    limits: ArchiveLimits = DEFAULT_LIMITS,
    strip: str = "",
    form: TarForm | None = None,
) -> Tree:
    """Read a tar archive into a tree: one pass, every file hashed.

    ``strip`` is a leading directory that every member must lie in and that is removed
    (``go/`` of upstream's archives). The bytes of files whose sha256 is not in ``known``
    are kept in ``spool`` under ``NAME:PATH``; the others are read again when asked for.
    ``form`` is the form that the archive must have, where an installer will read it.

    Raises InputError for a truncated or damaged archive and for one that is not in the
    form, HostileArchiveError for devices,
    sparse files, names that climb or collide, hidden data after the end, and anything
    beyond ``limits``.
    """
    source = _TarSource(open_stream, name, spool, limits, strip, form)
    entries: dict[str, Entry] = {}

    def take(path: str, entry: Entry, data: bytes) -> bool:
        if path in entries:
            raise hostile(name, f"has {path!r} twice")
        if len(entries) >= limits.entries:
            raise too_large(name, f"over {limits.entries} members")
        entries[path] = entry
        if entry.kind is Kind.FILE and entry.sha256 not in known:
            spool.add(source.key(path), data)
        return True

    source.scan(take, entries)
    check_nesting(entries, name=name, ordered=form is not None)
    return Tree(entries, source, name=name, carries_modes=True)


def indexed_tar(
    open_stream: OpenStream,
    entries: dict[str, Entry],
    *,
    name: str,
    spool: Spool,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    strip: str = "",
) -> Tree:
    """A tar whose entries are known from an earlier pass; read only when bytes are asked for."""
    source = _TarSource(open_stream, name, spool, limits, strip)
    return Tree(entries, source, name=name, carries_modes=True)


def find_in_tar(
    open_stream: OpenStream,
    wanted: Callable[[str], bool],
    *,
    name: str,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    form: TarForm | None = None,
) -> tuple[str, bytes] | None:
    """The first file whose path ``wanted`` accepts, and its bytes; reading stops there."""
    found: list[tuple[str, bytes]] = []

    def take(path: str, entry: Entry, data: bytes) -> bool:
        if entry.kind is Kind.FILE and wanted(path):
            found.append((path, data))
        return not found

    _TarSource(open_stream, name, None, limits, "", form).scan(take, None)
    return found[0] if found else None


def pick_from_tar(
    open_stream: OpenStream,
    paths: Container[str],
    count: int,
    *,
    name: str,
    limits: ArchiveLimits = DEFAULT_LIMITS,
    form: TarForm | None = None,
) -> dict[str, bytes]:
    """The files at these paths; reading stops when ``count`` of them were found."""
    found: dict[str, bytes] = {}

    def take(path: str, entry: Entry, data: bytes) -> bool:
        if entry.kind is Kind.FILE and path in paths:
            if path in found:
                raise hostile(name, f"has {path!r} twice")
            found[path] = data
        return len(found) < count

    _TarSource(open_stream, name, None, limits, "", form).scan(take, None)
    return found


class _TarSource:
    """Gives a tar's bytes from the spool, or by another pass over the stream."""

    def __init__(
        self,
        open_stream: OpenStream,
        name: str,
        spool: Spool | None,
        limits: ArchiveLimits,
        strip: str,
        form: TarForm | None = None,
    ) -> None:
        self._open = open_stream
        self._name = name
        self._spool = spool
        self._limits = limits
        self._strip = strip
        self._form = form
        self._links: dict[str, str] = {}
        self._passes = Passes()

    def key(self, path: str) -> str:
        return f"{self._name}:{path}"

    def load(self, paths: Iterable[str]) -> None:
        assert self._spool is not None  # noqa: S101 - trees are only made with a spool
        spool = self._spool
        with self._passes.lock:
            wanted = {self._links.get(path, path) for path in paths}
            missing = {path for path in wanted if self.key(path) not in spool}
            if not missing:
                return
            whole = self._passes.next_is_last()

            def take(path: str, entry: Entry, data: bytes) -> bool:
                known = not whole or self.key(path) in spool
                if entry.kind is Kind.FILE and (path in missing or not known):
                    spool.add(self.key(path), data)
                    missing.discard(path)
                return whole or bool(missing)

            self.scan(take, None)

    def read(self, path: str) -> bytes:
        assert self._spool is not None  # noqa: S101 - trees are only made with a spool
        self.load([path])
        return self._spool.read(self.key(self._links.get(path, path)))

    def scan(self, take: Callable[[str, Entry, bytes], bool], seen: _Seen) -> None:
        """Call ``take`` for every member until it returns False.

        ``seen`` holds the members before, for hard links; None in a later pass.
        """
        try:
            with self._open() as stream:
                for member in read_members(stream, self._form):
                    path = self._path(member.name)
                    if not path:
                        self._check_root(member)
                    elif not take(path, *self._entry(stream, member, path, seen)):
                        return
        except TarError as error:
            raise refusal(error, name=self._name) from error
        except DECODE_ERRORS as error:
            raise truncated(self._name, error) from error

    def _check_root(self, member: TarMember) -> None:
        """Refuse a root member that would change the directory above the tree."""
        if member.kind != DIRECTORY:
            raise hostile(self._name, f"has {member.name!r}, a {member.kind} at its root")
        if self._form is not None and (
            member.mode != _ROOT_MODE or member.owner != (0, 0) or member.xattrs
        ):
            raise hostile(
                self._name,
                f"has {member.name!r}, its root, with the mode {member.mode:04o}, the owner"
                f" {member.owner[0]}:{member.owner[1]} and {len(member.xattrs)} extended"
                " attributes: it must be 0755, 0:0 and 0",
            )

    def _path(self, name: str) -> str:
        path = clean_path(name, name=self._name, limits=self._limits)
        if not self._strip:
            return path
        if path == self._strip.rstrip("/"):
            return ""
        if not path.startswith(self._strip):
            raise InputError(
                f"{self._name} has {path!r} outside {self._strip}",
                hint="give an archive in upstream's form",
            )
        return path[len(self._strip) :]

    def _entry(
        self, stream: BinaryIO, member: TarMember, path: str, seen: _Seen
    ) -> tuple[Entry, bytes]:
        mode, owner, xattrs = member.mode & 0o7777, member.owner, member.xattrs
        if member.kind == DIRECTORY:
            return Entry(path, Kind.DIRECTORY, mode, owner=owner, xattrs=xattrs), b""
        if member.kind == SYMBOLIC_LINK:
            link = member.link
            return Entry(path, Kind.LINK, None, link=link, owner=owner, xattrs=xattrs), b""
        if member.kind == HARD_LINK:
            return self._hard_link(member, path, seen), b""
        if member.kind != REGULAR:
            raise hostile(self._name, f"has {path!r}, which is a device, a pipe or a sparse file")
        if member.size > self._limits.file_bytes:
            raise too_large(self._name, f"{path!r} has {member.size} bytes")
        data = read_data(stream, member.size)
        digest = hashlib.sha256(data).hexdigest()
        entry = Entry(path, Kind.FILE, mode, member.size, digest, owner=owner, xattrs=xattrs)
        return entry, data

    def _hard_link(self, member: TarMember, path: str, seen: _Seen) -> Entry:
        if seen is None:  # the first pass has checked the link
            return Entry(path, Kind.LINK, None, link=member.link)
        linked = self._path(member.link)
        target = seen.get(linked)
        if target is None or target.kind is not Kind.FILE:
            raise hostile(self._name, f"has {path!r}, a hard link to nothing before it")
        if self._form is not None and (
            (member.mode & 0o7777, member.owner) != (target.mode, target.owner)
            or (member.xattrs and member.xattrs != target.xattrs)
        ):
            raise hostile(
                self._name, f"has {path!r}, a hard link to {linked!r} with another mode or owner"
            )
        self._links[path] = self._links.get(linked, linked)
        return replace(target, path=path)
