"""The files of a wheel as pip unpacks them: from the zip, or from the unpacked wheel."""

from __future__ import annotations

import posixpath
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from samego.distro.unpackaged import without_owners
from samego.errors import InputError
from samego.formats.archive.zip import index_zip, read_zip
from samego.formats.tree.directory import read_directory, read_paths
from samego.formats.tree.goroot import merge
from samego.model.tree import Entry, Kind, Tree
from samego_pypi.directory import Unpacked
from samego_pypi.wheel import record

_RECORD = "/RECORD"
_DIST_INFO = ".dist-info"
_SPECIAL_BITS = 0o7000
_EXECUTABLE = 0o111
#: The system that packed a member (APPNOTE.TXT 4.4.2), whose modes the member has.
_UNIX = 3
#: How far above a wheel's directory pip puts programs: ``../../../bin/go``.
_MOST_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Content:
    """A wheel's files by their path in it, its ``.dist-info`` directory, and its record."""

    tree: Tree
    dist_info: str
    record: Mapping[str, Entry]

    def read(self, name: str) -> bytes | None:
        """A file of the ``.dist-info`` directory; None where there is none."""
        path = f"{self.dist_info}/{name}"
        entry = self.tree.get(path)
        return None if entry is None or entry.kind is not Kind.FILE else self.tree.read(path)


def read_file(path: Path) -> Content:
    """The files of a wheel that is one zip.

    A file is executable where one of its executable bits is set, as pip and uv unpack it.
    Raises InputError for what is no wheel, HostileArchiveError for names that climb or collide.
    """
    executable = _executable(path)
    members = index_zip(path, name=path.name)
    tree = read_zip(path, members, name=path.name, strip="", mode_of=lambda _path: 0o644)
    entries = {
        name: replace(entry, mode=0o755) if name in executable else entry
        for name, entry in tree.items()
    }
    return _content(tree.with_entries(entries, carries_modes=True))


def read_unpacked(place: Unpacked) -> Content:
    """The files of an unpacked wheel, with all that lies in its GOROOT and ``.dist-info``.

    Their owner is the user who unpacked it. Raises InputError for a file that cannot be read.
    """
    root, dist_info = place.root, place.record.parent.name
    name = str(root)
    lines = record.listed(place.record.read_bytes(), name=name)
    if place.alone:
        whole = read_directory(root, name=name)
        made = {path for path in whole if _is_made_elsewhere(whole[path], lines)}
        above = {str(PurePosixPath(path).parent) for path in made}
        kept = {path: whole[path] for path in whole if path not in made | above}
        tree = whole.with_entries(kept, carries_modes=True)
    else:
        parts = [read_directory(root, start, name=name) for start in (place.goroot, dist_info)]
        covered = {path for part in parts for path in part}
        others = [path for path in lines if path not in covered and _is_inside(root, path)]
        tree = merge([*parts, read_paths(root, others, name=name)], name=name)
    return _content(without_owners(tree))


def _content(tree: Tree) -> Content:
    found = sorted(path for path in tree if path.endswith(f"{_DIST_INFO}{_RECORD}"))
    found = [path for path in found if path.count("/") == 1]
    if len(found) != 1:
        raise InputError(
            f"{tree.name} is not a wheel: it has {len(found)} RECORD files in a *.dist-info",
            hint="name a wheel as its index serves it, or where it was unpacked",
        )
    path = found[0]
    return Content(tree, posixpath.dirname(path), record.listed(tree.read(path), name=tree.name))


def _is_made_elsewhere(entry: Entry, lines: Mapping[str, Entry]) -> bool:
    """Whether pip made a file outside the wheel and moved it here afterwards (--target)."""
    depths = (f"{'../' * depth}{entry.path}" for depth in range(1, _MOST_DEPTH))
    return any(path in lines and lines[path].sha256 == entry.sha256 for path in depths)


def _is_inside(root: Path, path: str) -> bool:
    """Whether a path of the record is there, below the root."""
    inside = not path.startswith("/") and not posixpath.normpath(path).startswith("../")
    return inside and (root / path).is_file()


def _executable(path: Path) -> frozenset[str]:
    """The members that an installer makes executable.

    pip takes the mode of a member whose type is a regular file (zip_item_is_executable), other
    unpackers that of a member that a Unix packed. Raises InputError where the two differ, and for
    a member that some unpackers make a link or a device of.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(
            f"{path.name} is not a readable zip ({error})", hint="get it again from its index"
        ) from error
    return frozenset(info.filename for info in infos if _is_executable(info, path.name))


def _is_executable(info: zipfile.ZipInfo, name: str) -> bool:
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if mode & _SPECIAL_BITS or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputError(
            f"{name} has {info.filename[:80]!r} with the mode {mode:06o}: no plain file",
            hint="get the wheel again from its index",
        )
    if kind == stat.S_IFDIR or not mode & _EXECUTABLE:
        return False
    if (kind, info.create_system) != (stat.S_IFREG, _UNIX):
        raise InputError(
            f"{name} has {info.filename[:80]!r}, which some unpackers make executable and others"
            f" do not (mode {mode:06o}, packed on system {info.create_system})",
            hint="get the wheel again from its index",
        )
    return True
