"""Reading zip archives: upstream's windows archives and the module form."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from samego.errors import InputError
from samego.goroot.limits import DEFAULT_LIMITS, Limits
from samego.goroot.paths import check_nesting, clean_path, hostile, too_large
from samego.goroot.tree import Entry, Kind, Tree

_UNIX = 3
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def member_digests(
    path: Path, *, name: str, limits: Limits = DEFAULT_LIMITS
) -> Mapping[str, tuple[str, int]]:
    """The sha256 and size of every member of a zip by its raw name, in one pass.

    Raises InputError for a damaged zip and HostileArchiveError for duplicate names,
    encrypted members and anything beyond ``limits``.
    """
    found: dict[str, tuple[str, int]] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                total += info.file_size
                _check(info, found, total, name, limits)
                data = archive.read(info)
                found[info.filename] = hashlib.sha256(data).hexdigest(), len(data)
    except _ERRORS as error:
        raise _damaged(name, error) from error
    return found


def read_zip(
    path: Path,
    digests: Mapping[str, tuple[str, int]],
    *,
    name: str,
    strip: str,
    rename: Callable[[str], str] = lambda path: path,
    mode_of: Callable[[str], int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Tree:
    """A zip as a tree, its members' digests already known (see member_digests).

    ``strip`` is the leading directory of every member; ``rename`` maps a member's path to
    the path it has in a goroot tree. A zip made on Unix carries modes; for others ``mode_of``
    gives the mode by path where it is known from elsewhere.
    Raises InputError when the zip does not hold exactly the members of ``digests``.
    """
    entries: dict[str, Entry] = {}
    raw: dict[str, str] = {}
    try:
        # Parsing 11,000 entries takes longer than reading most members: it stays open.
        archive = zipfile.ZipFile(path)
    except _ERRORS as error:
        raise _damaged(name, error) from error
    infos = archive.infolist()
    if {info.filename for info in infos} != set(digests):
        raise _damaged(name, ValueError("its members are not those that were read before"))
    modes = all(info.create_system == _UNIX and info.external_attr >> 16 for info in infos)
    for info in infos:
        if not info.filename.startswith(strip):
            raise InputError(
                f"{name} has {info.filename!r} outside {strip}",
                hint="give a file in the form that upstream posts",
            )
        member = clean_path(info.filename[len(strip) :], name=name, limits=limits)
        if not member or info.is_dir():
            continue
        goroot_path = rename(member)
        if goroot_path in entries:
            raise hostile(name, f"has {goroot_path!r} twice")
        sha256, size = digests[info.filename]
        mode = mode_of(goroot_path) if mode_of else None
        if modes:
            mode = (info.external_attr >> 16) & 0o7777
        entries[goroot_path] = Entry(goroot_path, Kind.FILE, mode, size, sha256)
        raw[goroot_path] = info.filename
    check_nesting(entries, name=name)
    carries = modes or mode_of is not None
    return Tree(entries, ZipSource(archive, raw, name), name=name, carries_modes=carries)


class ZipSource:
    """Gives a zip's members by path; a zip needs no second pass. Safe for threads."""

    def __init__(self, archive: zipfile.ZipFile, raw: Mapping[str, str], name: str) -> None:
        self._archive = archive
        self._raw = raw
        self._name = name

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare: a zip is read at random."""

    def read(self, path: str) -> bytes:
        """One member's bytes. Raises InputError when the zip is damaged."""
        try:
            return self._archive.read(self._raw[path])
        except _ERRORS as error:
            raise _damaged(self._name, error) from error


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
