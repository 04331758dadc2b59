"""Reading zip archives: upstream's windows archives and the module form."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from samego.errors import InputError
from samego.goroot.limits import DEFAULT_LIMITS, Limits
from samego.goroot.paths import check_nesting, clean_path, hostile, too_large
from samego.goroot.tree import Entry, Kind, Tree

_UNIX = 3
#: APPNOTE.TXT 4.3.7: signature, ..., length of the name, length of the extra field.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class ZipMember(NamedTuple):
    """A member of a zip: its content's digest and size, and where its data lies.

    ``offset`` is that of its local header, ``packed`` the length of its data in the zip;
    ``mode`` is 0 where the zip carries none.
    """

    sha256: str
    size: int
    offset: int
    packed: int
    method: int
    mode: int


def index_zip(path: Path, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Mapping[str, ZipMember]:
    """Every member of a zip by its raw name, hashed in one pass.

    Raises InputError for a damaged zip and HostileArchiveError for duplicate names,
    encrypted members and anything beyond ``limits``.
    """
    found: dict[str, ZipMember] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for info in archive.infolist():
                total += info.file_size
                _check(info, found, total, name, limits)
                member = ZipMember(
                    "",
                    info.file_size,
                    info.header_offset,
                    info.compress_size,
                    info.compress_type,
                    (info.external_attr >> 16) & 0o7777 if info.create_system == _UNIX else 0,
                )
                data = _read_member(file, member)
                if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
                    raise zipfile.BadZipFile(f"bad data of {info.filename!r}")
                digest = hashlib.sha256(data).hexdigest()
                found[info.filename] = member._replace(sha256=digest)
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
    limits: Limits = DEFAULT_LIMITS,
) -> Tree:
    """A zip as a tree, its members already indexed (see index_zip).

    ``strip`` is the leading directory of every member; ``rename`` maps a member's path to
    the path it has in a goroot tree. A zip made on Unix carries modes; for others ``mode_of``
    gives the mode by path where it is known from elsewhere. Raises InputError for members
    outside ``strip``, HostileArchiveError for names that climb or collide.
    """
    entries: dict[str, Entry] = {}
    located: dict[str, ZipMember] = {}
    modes = all(member.mode for member in members.values())
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
        mode = member.mode if modes else None
        if mode is None and mode_of is not None:
            mode = mode_of(goroot_path)
        entries[goroot_path] = Entry(goroot_path, Kind.FILE, mode, member.size, member.sha256)
        located[goroot_path] = member
    check_nesting(entries, name=name)
    carries = modes or mode_of is not None
    return Tree(entries, ZipSource(path, located, name), name=name, carries_modes=carries)


class ZipSource:
    """Gives a zip's members by path. Safe for threads.

    The index says where each lies, so that the zip's directory need not be parsed again:
    that takes longer than reading most members. The tree checks what comes out.
    """

    def __init__(self, path: Path, located: Mapping[str, ZipMember], name: str) -> None:
        self._path = path
        self._located = located
        self._name = name

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare: a zip is read at random."""

    def read(self, path: str) -> bytes:
        """One member's bytes. Raises InputError when the zip is damaged."""
        try:
            with self._path.open("rb") as file:
                return _read_member(file, self._located[path])
        except (*_ERRORS, struct.error, OSError) as error:
            raise _damaged(self._name, error) from error


def _read_member(file: BinaryIO, member: ZipMember) -> bytes:
    """A member's data, at most one byte longer than it is said to be.

    zipfile does the same at five times the cost for a small member, and a toolchain has
    11,000 of them.
    """
    file.seek(member.offset)
    signature, name_size, extra_size = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != _LOCAL_SIGNATURE:
        raise zipfile.BadZipFile("no member where one should be")
    file.seek(name_size + extra_size, os.SEEK_CUR)
    packed = file.read(member.packed)
    if member.method == zipfile.ZIP_STORED:
        return packed
    if member.method != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression method {member.method}")
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, member.size + 1)


def _check(
    info: zipfile.ZipInfo, found: Mapping[str, object], total: int, name: str, limits: Limits
) -> None:
    if info.filename in found:
        raise hostile(name, f"has {info.filename!r} twice")
    if info.flag_bits & 1:
        raise hostile(name, f"has {info.filename!r} encrypted")
    if info.file_size > limits.file_bytes:
        raise too_large(name, f"{info.filename!r} has {info.file_size} bytes")
    if total > limits.total_bytes or len(found) >= limits.entries:
        raise too_large(name, f"over {limits.total_bytes} bytes or {limits.entries} members")


def _damaged(name: str, error: BaseException) -> InputError:
    return InputError(
        f"{name} is not a readable zip ({error})", hint="get the file again from its source"
    )
