"""Reading macOS installer packages (``.pkg``) as go.dev/dl posts them.

Such a file is a xar archive (github.com/mackyle/xar, "xarformat"; read by libarchive) around
the component ``org.golang.go.pkg``, whose ``Payload`` is a gzip'd cpio of what is installed,
from the root of the file system on (golang.org/x/build, internal/installer/darwinpkg).
"""

from __future__ import annotations

import hashlib
import importlib
import io
import stat
import struct
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from samego.errors import HostileArchiveError, InputError, ToolError
from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed, truncated
from samego.formats.archive.cpio import CpioMember, read_cpio
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.passes import Passes
from samego.formats.archive.paths import check_nesting, clean_path, hostile, too_large
from samego.formats.archive.spool import Spool
from samego.model.tree import Entry, Kind, Tree

_PAYLOAD = "org.golang.go.pkg/Payload"
#: A xar header: magic, its size, version, the table's size (packed, unpacked), checksum kind.
_HEADER = struct.Struct(">4sHHQQI")
_MAGIC = b"xar!"
#: The longest table of contents that is read, in bytes (a real one has some 10 kB).
_TABLE_LIMIT = 4 << 20
_BLOCK = 1 << 16


def libarchive() -> Any:  # noqa: ANN401 - a module without types
    """The library that reads xar. Raises ToolError, naming it, where it cannot be loaded."""
    try:
        return importlib.import_module("libarchive")
    except (ImportError, OSError, AttributeError, TypeError) as error:
        # Without the C library, its Python binding fails in one of several ways.
        raise ToolError(
            "libarchive is not installed",
            hint="install libarchive (Debian: libarchive13 or libarchive13t64)",
        ) from error


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

    Raises ToolError without libarchive, InputError for a file that is truncated, damaged or
    no such package, HostileArchiveError for names that climb or collide, a second payload,
    devices, hidden data, and anything beyond ``limits``.
    """
    source = _PkgSource(path, name, spool, limits)
    entries: dict[str, Entry] = {}
    for member in source.members():
        place = clean_path(member.name, name=name, limits=limits)
        if not place:
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
    _check_header(path, name)
    library = libarchive()
    found: list[bytes] = []
    try:
        with library.file_reader(str(path), "xar", "none") as archive:
            for count, entry in enumerate(archive):
                if count >= limits.entries:
                    raise too_large(name, f"over {limits.entries} members")
                member = clean_path(str(entry.pathname), name=name, limits=limits)
                if member.rpartition("/")[2] == "Payload" and not entry.isdir:
                    found.append(_content(entry, member, name, limits))
                    if member != _PAYLOAD or len(found) > 1:
                        raise hostile(name, f"has {member!r}, which would be installed as well")
    except library.ArchiveError as error:
        raise truncated(name, error) from error
    if not found:
        raise InputError(
            f"{name} has no {_PAYLOAD}", hint="give a macOS installer that go.dev/dl posts"
        )
    return found[0]


def _content(entry: Any, member: str, name: str, limits: ArchiveLimits) -> bytes:  # noqa: ANN401 - libarchive's
    data = bytearray()
    for block in entry.get_blocks(_BLOCK):
        data += block
        if len(data) > limits.file_bytes:
            raise too_large(name, f"{member!r} has over {limits.file_bytes} bytes")
    # After other members were read, libarchive (3.6) adds zeros to the end of one.
    return bytes(data[: entry.size])


def _check_header(path: Path, name: str) -> None:
    """Refuse what is no xar, and a table of contents that would be read into much memory."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
        magic, _size, _version, packed, unpacked, _checksum = _HEADER.unpack(head)
    except (OSError, struct.error) as error:
        raise truncated(name, error) from error
    if magic != _MAGIC:
        raise InputError(
            f"{name} is not a macOS installer (it does not begin as a xar archive does)",
            hint="give a .pkg that go.dev/dl posts",
        )
    if max(packed, unpacked) > _TABLE_LIMIT:
        raise HostileArchiveError(
            f"{name} has a table of contents of {max(packed, unpacked)} bytes",
            hint="do not install it; get the file again from its source",
        )
