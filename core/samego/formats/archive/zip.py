"""Reading zip archives: upstream's windows archives and the module form."""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from samego.errors import InputError
from samego.formats.archive.limits import DEFAULT_LIMITS, ArchiveLimits
from samego.formats.archive.paths import check_nesting, clean_path, hostile, too_large
from samego.formats.archive.zip_directory import ZipHeader, read_directory
from samego.model.tree import Entry, Kind, Tree

_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class ZipMember(NamedTuple):
    """A member of a zip: its content's digest and size, and where its data lies.

    ``offset`` is where its data begins, ``packed`` the data's length in the zip, ``crc`` what
    the zip says of the content. ``mode`` is that of :class:`ZipHeader`.
    """

    sha256: str
    size: int
    offset: int
    packed: int
    method: int
    mode: int
    crc: int


def index_zip(
    path: Path, *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> Mapping[str, ZipMember]:
    """Every member of a zip by its raw name, hashed in one pass.

    Raises InputError for a damaged zip and for one that can be read in two ways (see
    :mod:`.zip_directory`), HostileArchiveError for duplicate names, encrypted members and
    anything beyond ``limits``.
    """
    members = list_zip(path, name=name, limits=limits)
    found: dict[str, ZipMember] = {}
    try:
        with path.open("rb") as file:
            for raw, member in members.items():
                data = _read_member(file, member)
                if len(data) != member.size or zlib.crc32(data) != member.crc:
                    raise zipfile.BadZipFile(f"bad data of {raw!r}")
                found[raw] = member._replace(sha256=hashlib.sha256(data).hexdigest())
    except (*_ERRORS, struct.error, OSError) as error:
        raise _damaged(name, error) from error
    return found


def list_zip(
    path: Path, *, name: str, limits: ArchiveLimits = DEFAULT_LIMITS
) -> Mapping[str, ZipMember]:
    """Every member of a zip by its raw name, with an empty sha256: nothing is unpacked.

    Raises what :func:`index_zip` raises, except for damaged data, which is not read.
    """
    found: dict[str, ZipMember] = {}
    total = 0
    try:
        with path.open("rb") as file:
            for header in read_directory(file):
                total += header.size
                _check(header, found, total, name, limits)
                found[header.name] = ZipMember(
                    "",
                    header.size,
                    header.data,
                    header.packed,
                    header.method,
                    header.mode,
                    header.crc,
                )
    except (*_ERRORS, struct.error, OSError) as error:
        raise _damaged(name, error) from error
    return found


def read_zip(
    path: Path,
    members: Mapping[str, ZipMember],
    *,
    name: str,
    strip: str,
    rename: Callable[[str], str] = lambda path: path,
    mode_of: Callable[[str], int] | None = None,
    limits: ArchiveLimits = DEFAULT_LIMITS,
) -> Tree:
    """A zip as a tree, its members already indexed (see index_zip).

    ``strip`` is the leading directory of every member; ``rename`` maps a member's path to
    the path it has in a goroot tree. With ``mode_of`` a path's mode is what it says, whatever
    the zip carries; without it the zip's own modes count, which all members have or none. Raises
    InputError for members outside ``strip`` and where only some have a mode, HostileArchiveError
    for names that climb or collide.
    """
    entries: dict[str, Entry] = {}
    located: dict[str, ZipMember] = {}
    modes = mode_of is None and any(member.mode for member in members.values())
    for raw, member in members.items():
        if not raw.startswith(strip):
            raise InputError(
                f"{name} has {raw!r} outside {strip}",
                hint="give a file in the form that upstream posts",
            )
        below = clean_path(raw[len(strip) :], name=name, limits=limits)
        if not below or raw.endswith("/"):
            continue
        goroot_path = rename(below)
        if goroot_path in entries:
            raise hostile(name, f"has {goroot_path!r} twice")
        mode = _own_mode(raw, member, name) if modes else None
        if mode_of is not None:
            mode = mode_of(goroot_path)
        entries[goroot_path] = Entry(goroot_path, Kind.FILE, mode, member.size, member.sha256)
        located[goroot_path] = member
    check_nesting(entries, name=name)
    carries = modes or mode_of is not None
    return Tree(entries, ZipSource(path, located, name), name=name, carries_modes=carries)


def _own_mode(raw: str, member: ZipMember, name: str) -> int:
    """The permissions of a member of a zip that has modes.

    A zip in which one member has no mode is refused: else that member would take all modes out of
    the comparison. So is a mode of another type, of which unpackers make a link or a device.
    """
    if not member.mode or stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(
            f"{name} has {raw!r} with the mode {member.mode:06o}, and other members are files with"
            " theirs",
            hint="give a file in the form that upstream posts",
        )
    return stat.S_IMODE(member.mode)


class ZipSource:
    """Gives a zip's members by path. Safe for threads.

    The index says where each lies, so that the zip's directory need not be parsed again:
    that takes longer than reading most members. The tree checks the bytes.
    """

    def __init__(self, path: Path, located: Mapping[str, ZipMember], name: str) -> None:
        self._path = path
        self._located = located
        self._name = name

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare: a zip gives any member without reading the others."""

    def read(self, path: str) -> bytes:
        """One member's bytes. Raises InputError when the zip is damaged."""
        try:
            with self._path.open("rb") as file:
                return _read_member(file, self._located[path])
        except (*_ERRORS, struct.error, OSError) as error:
            raise _damaged(self._name, error) from error


def _read_member(file: BinaryIO, member: ZipMember) -> bytes:
    """A member's data, at most one byte longer than its header says.

    zipfile does the same at five times the cost for a small member, and a toolchain has
    11,000 of them.
    """
    file.seek(member.offset)
    packed = file.read(member.packed)
    if member.method == zipfile.ZIP_STORED:
        return packed
    if member.method != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression method {member.method}")
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    data = stream.decompress(packed, member.size + 1)
    if not stream.eof or stream.unused_data:
        raise zipfile.BadZipFile("a member's data does not end where its header says")
    return data


def _check(
    header: ZipHeader, found: Mapping[str, object], total: int, name: str, limits: ArchiveLimits
) -> None:
    if header.name in found:
        raise hostile(name, f"has {header.name!r} twice")
    if header.encrypted:
        raise hostile(name, f"has {header.name!r} encrypted")
    if header.size > limits.file_bytes:
        raise too_large(name, f"{header.name!r} has {header.size} bytes")
    if total > limits.total_bytes or len(found) >= limits.entries:
        raise too_large(name, f"over {limits.total_bytes} bytes or {limits.entries} members")


def _damaged(name: str, error: BaseException) -> InputError:
    return InputError(
        f"{name} is not a readable zip ({error})", hint="get the file again from its source"
    )
