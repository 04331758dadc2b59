"""Upstream's installers, compared with the rebuilt files.

An installer is signed and made on another system, so no rebuild reproduces it. What it installs can
be reproduced: the files of the archive of its target, no more and no less. A macOS package adds
one file that puts Go on the PATH. An installer's own scripts, dialogs and signature are not
part of that, and are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from samego.formats.archive.pkg import read_pkg
from samego.formats.archive.spool import Spool
from samego.formats.tree.composed import ComposedSource
from samego.model.tree import Entry, Kind, Tree
from samego.rebuild.msi import msiextract, unpacked_msi
from samego.upstream.channels.interface import Posted

#: Where a macOS package puts Go, and what else it may hold (golang.org/x/build,
#: internal/installer/darwinpkg).
_MACOS_ROOT = "usr/local/go/"
_MACOS_DIRECTORIES = frozenset({"usr", "usr/local", "usr/local/go", "etc", "etc/paths.d"})
_PATHS_FILE, _PATHS_TEXT, _PATHS_MODE = "etc/paths.d/go", b"/usr/local/go/bin\n", 0o644
#: Where a Windows installer puts it: msiextract names the program folder of 32 bits alone
#: (golang.org/x/build, cmd/gorebuild/windows.go).
_WINDOWS_ROOTS = ("Go/", "Program Files/Go/")
#: Other users must not be able to write installed files, nor get their rights (setuid, setgid).
_FORBIDDEN = 0o6022


@dataclass(frozen=True, slots=True)
class Contents:
    """What an installer installs: a goroot tree, and a line for each thing beside it."""

    goroot: Tree
    strays: tuple[str, ...]


def check_tools(name: str) -> None:
    """Raise ToolError, naming it, where the tool that opens such an installer is missing."""
    if name.endswith(".msi"):
        msiextract()


@contextmanager
def open_installer(
    posted: Posted, known: Mapping[str, Entry], directory: Path
) -> Iterator[Contents]:
    """What an installer installs; unpacked below ``directory`` where it must be.

    ``known`` is the tree that it will be compared with. Raises ToolError where the tool is
    missing, InputError and HostileArchiveError for a file that cannot be read.
    """
    name = posted.url.rpartition("/")[2]
    if name.endswith(".msi"):
        with unpacked_msi(posted.path, directory, name=name) as tree:
            yield windows_contents(tree)
        return
    digests = {entry.sha256 for entry in known.values()}
    with closing(Spool()) as spool:
        yield macos_contents(read_pkg(posted.path, name=name, spool=spool, known=digests))


def macos_contents(tree: Tree) -> Contents:
    """Take a macOS package's tree apart."""
    strays = []
    for path, entry in tree.items():
        if path == _PATHS_FILE:
            if entry.kind is not Kind.FILE or tree.read(path) != _PATHS_TEXT:
                strays.append(f"{path}: not the line that puts Go on the PATH")
            elif entry.mode != _PATHS_MODE:
                strays.append(f"{path}: mode {entry.mode or 0:o}, not {_PATHS_MODE:o}")
        elif entry.kind is Kind.DIRECTORY and (
            path in _MACOS_DIRECTORIES or path.startswith(_MACOS_ROOT)
        ):
            if (entry.mode or 0) & _FORBIDDEN:
                strays.append(f"{path}: a directory of mode {entry.mode or 0:o}")
        elif not path.startswith(_MACOS_ROOT):
            strays.append(f"{path}: only upstream's installer has it")
    return Contents(_below(tree, _MACOS_ROOT), tuple(strays))


def windows_contents(tree: Tree) -> Contents:
    """Take a Windows installer's tree apart."""
    root = next(
        (root for root in _WINDOWS_ROOTS if any(path.startswith(root) for path in tree)),
        _WINDOWS_ROOTS[0],
    )
    outside = sorted(path for path in tree if not path.startswith(root))
    strays = tuple(f"{path}: only upstream's installer has it" for path in outside)
    return Contents(_below(tree, root), strays)


def _below(tree: Tree, root: str) -> Tree:
    entries = {
        path[len(root) :]: replace(entry, path=path[len(root) :])
        for path, entry in tree.items()
        if path.startswith(root)
    }
    source = ComposedSource(lambda path: (tree, root + path))
    return Tree(entries, source, name=tree.name, carries_modes=tree.carries_modes)
