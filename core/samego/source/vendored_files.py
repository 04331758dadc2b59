"""Which files of a module the go command copies into a vendor directory.

Source: cmd/go/internal/modcmd/vendor.go (vendorPkg, matchPotentialSourceFile, matchMetadata,
copyMetadata) and cmd/go/internal/load/pkg.go (resolveEmbed), the same from go1.21 to go1.27:
of each listed package's directory all files but tests, go.mod, go.sum and sources that no tag
can turn on; what those sources embed; and the legal files from there up to the module's root.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from samego.formats.go_source import read_head
from samego.model.tree import Tree
from samego.rules.build_tags import may_ever_be_compiled
from samego.source.embedding import embedded

#: How the names of legal files begin.
_METADATA = (
    *("AUTHORS", "CONTRIBUTORS", "COPYLEFT", "COPYING", "COPYRIGHT", "LEGAL", "LICENSE"),
    *("NOTICE", "PATENTS"),
)
_COMMENT = re.compile(rb"(?P<constraint>//go:build[^\n]*)|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LEFT_OUT = frozenset({"go.mod", "go.sum"})


def vendored_files(module: str, packages: Iterable[str], tree: Tree) -> frozenset[str]:
    """The paths, below the module's root, that vendoring these packages copies.

    ``tree`` is the module's zip.
    """
    by_directory = _by_directory(tree)
    found: set[str] = set()
    legal: set[str] = set()
    for package in packages:
        directory = package[len(module) :].strip("/")
        sources = list(_sources(directory, by_directory, tree))
        found.update(sources)
        for path in sources:
            if path.endswith(".go") and (head := read_head(tree.read(path))) and head.embeds:
                found.update(embedded(directory, head.embeds, tree))
        legal.update(_up(directory))
    for directory in legal:
        for path in by_directory.get(directory, ()):
            if posixpath.basename(path).startswith(_METADATA):
                found.add(path)
    return frozenset(found)


def _by_directory(tree: Tree) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in tree:
        found.setdefault(posixpath.dirname(path), []).append(path)
    return found


def _sources(directory: str, by_directory: Mapping[str, list[str]], tree: Tree) -> Iterator[str]:
    for path in by_directory.get(directory, ()):
        name = posixpath.basename(path)
        if name.endswith("_test.go") or name in _LEFT_OUT:
            continue
        if not name.endswith(".go") or may_ever_be_compiled(_uncommented(tree.read(path))):
            yield path


def _uncommented(data: bytes) -> bytes:
    """A source without comments but its constraint, which does not count inside of another."""
    return _COMMENT.sub(lambda match: match["constraint"] or b" ", data)


def _up(directory: str) -> Iterator[str]:
    """A directory and all above it, up to the module's root, which is empty."""
    while directory:
        yield directory
        directory = posixpath.dirname(directory)
    yield ""
