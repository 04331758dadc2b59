"""A toolchain in the go command's module cache, as that command unpacks it there.

The go command (from go1.21 on; cmd/go/internal/toolchain/select.go and modfetch) unpacks the
module golang.org/toolchain below ``GOMODCACHE``: everything read-only, no more executable than
upstream's archive has it, each ``_go.mod`` of the zip kept, with a copy as ``go.mod`` beside it.
The zip stays in ``cache/download``, with its ``h1:`` hash: the go command unpacks it again where
the directory is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from samego.distro.interface import Remark
from samego.errors import SamegoError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.module_zip import goroot_path, module_prefix, posted_mode
from samego.formats.archive.zip import index_zip
from samego.model.causes.packages import OtherHash, OtherUnpacked, UnreadableArchive
from samego.model.proof import Standing
from samego.model.release import TOOLCHAIN_MODULE
from samego.model.tree import Entry, Kind, Tree
from samego.model.value import Cause

NOTE = "read as the go command unpacks it: read-only, with a _go.mod beside each go.mod"
_KEPT = "_go.mod"
_DIRECTORY = re.compile(r"toolchain@(?P<version>v0\.0\.1-go[0-9A-Za-z.]+-[0-9a-z.-]+)")
_KIND = "module cache"
#: The longest ziphash file that is read; the go command writes 47 bytes.
_MOST_HASH = 200


def is_module_cache(tree: Tree) -> bool:
    """Whether a tree is laid out as the go command unpacks the module."""
    return f"src/{_KEPT}" in tree and "src/go.mod" in tree


def as_posted(tree: Tree) -> Tree:
    """The tree with the modes and files that upstream's module has.

    A mode with more rights than the go command gives stays, and so does a ``_go.mod`` that differs
    from the ``go.mod`` beside it: both become findings.
    """
    entries = {
        path: _with_posted_mode(entry)
        for path, entry in tree.items()
        if not _is_copied(path, entry, tree)
    }
    return tree.with_entries(entries, carries_modes=True)


def remarks(directory: Path, tree: Tree) -> Iterator[Remark]:
    """Findings about the zip in ``cache/download``, where it is still there.

    One for a zip that holds other files than the directory, and one for a ``ziphash`` that is not
    the zip's: the go command trusts both when it unpacks again. The directory itself is compared
    with what upstream posted.
    """
    match = _DIRECTORY.fullmatch(directory.name)
    if match is None or directory.parent.name != "golang.org":
        return
    below = directory.parents[1] / "cache/download" / TOOLCHAIN_MODULE / "@v"
    archive = below / f"{match['version']}.zip"
    if not archive.is_file():
        return
    try:
        members = index_zip(archive, name=archive.name)
        prefix = module_prefix(members, name=archive.name)
    except SamegoError as error:
        yield _remark(archive, UnreadableArchive(error.message))
        return
    packed = {
        goroot_path(path.removeprefix(prefix)): member.sha256 for path, member in members.items()
    }
    unpacked = {path: entry.sha256 for path, entry in tree.items() if entry.kind is Kind.FILE}
    differing = sorted(
        path for path in packed.keys() | unpacked.keys() if packed.get(path) != unpacked.get(path)
    )
    if differing:
        yield _remark(archive, OtherUnpacked(differing[0], len(differing) - 1))
    hash_file = archive.with_suffix(".ziphash")
    stated = _read_hash(hash_file)
    computed = hash1((path, member.sha256) for path, member in members.items())
    if stated is not None and stated != computed:
        yield _remark(hash_file, OtherHash(stated[:_MOST_HASH], computed))


def _read_hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_HASH + 1).decode("utf-8", "replace").strip()
    except OSError:
        return None


def _remark(path: Path, cause: Cause) -> Remark:
    return Remark(f"/{path.name}", _KIND, Standing.UNEXPLAINED, (cause,))


def _is_copied(path: str, entry: Entry, tree: Tree) -> bool:
    directory, slash, name = path.rpartition("/")
    if name != _KEPT or entry.kind is not Kind.FILE or entry.xattrs:
        return False
    copy = tree.get(f"{directory}{slash}go.mod")
    return copy is not None and (copy.kind, copy.sha256) == (Kind.FILE, entry.sha256)


def _with_posted_mode(entry: Entry) -> Entry:
    if entry.mode is None or entry.kind is Kind.LINK:
        return entry
    if entry.kind is Kind.DIRECTORY:
        # -modcacherw leaves directories writable to their owner.
        given, posted = 0o755, 0o755
    else:
        # Releases of the go command differ in which files they make executable.
        posted = posted_mode(entry.path)
        given = posted & 0o555
    # A umask takes bits away.
    return entry if entry.mode & ~given else replace(entry, mode=posted)
