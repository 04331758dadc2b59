"""The files of a source tree that no one can read, and all that is known of each."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping

from samego.compare.pins import pin_files
from samego.formats.go_source import read_head
from samego.model.tree import Kind, Tree
from samego.rules.build_tags import may_ever_be_compiled
from samego.source.embedding import embedded
from samego.source.forms import form_of, is_opaque
from samego.source.origins import origins_of
from samego.source.result import OpaqueFile
from samego.source.uses import is_test_data, use_of


class _Seen:
    """What one pass over the files has found."""

    def __init__(self) -> None:
        self.opaque: dict[str, tuple[bool, str]] = {}
        self.embeds: dict[str, set[str]] = {}

    def take(self, path: str, data: bytes) -> None:
        opaque, nul = is_opaque(data)
        if opaque:
            self.opaque[path] = (nul, form_of(data, path))
        elif b"//go:embed" in data and _of_a_package(path) and may_ever_be_compiled(data):
            head = read_head(data)
            if head and head.embeds:
                self.embeds.setdefault(posixpath.dirname(path), set()).update(head.embeds)


def find_opaque(
    tree: Tree, also: Callable[[str, bytes], None] = lambda _path, _data: None
) -> tuple[OpaqueFile, ...]:
    """Every opaque file of a source tree by path. Each file is read once, and given to ``also``."""
    paths = sorted(path for path, entry in tree.items() if entry.kind is Kind.FILE)
    tree.load(paths)
    seen = _Seen()
    for path in paths:
        data = tree.read(path)
        seen.take(path, data)
        also(path, data)
    embedding = _embedding(seen.embeds, paths)
    pins = _pins(tree, seen.opaque)
    return tuple(_described(path, tree, seen, embedding, pins) for path in sorted(seen.opaque))


def _of_a_package(path: str) -> bool:
    return path.endswith(".go") and not path.endswith("_test.go") and not is_test_data(path)


def _embedding(embeds: Mapping[str, Iterable[str]], paths: Iterable[str]) -> Mapping[str, str]:
    """The package's directory of each path that one embeds."""
    known = list(paths)
    found: dict[str, str] = {}
    for directory, patterns in embeds.items():
        for path in embedded(directory, patterns, known):
            found.setdefault(path, directory)
    return found


def _pins(tree: Tree, wanted: Iterable[str]) -> Mapping[str, tuple[str, frozenset[str]]]:
    """The file that pins a path by its SHA-256, and the digests that it states."""
    opaque = set(wanted)
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for file in pin_files():
        if file.pinned_in not in tree:
            continue
        for pin in file.read(tree.read(file.pinned_in)).pins:
            if pin.path in opaque and not pin.digest.startswith("h1:"):
                _name, before = found.get(pin.path, ("", frozenset()))
                found[pin.path] = (file.pinned_in, before | {pin.digest})
    return found


def _described(
    path: str,
    tree: Tree,
    seen: _Seen,
    embedding: Mapping[str, str],
    pins: Mapping[str, tuple[str, frozenset[str]]],
) -> OpaqueFile:
    entry, (nul, form), used = tree[path], seen.opaque[path], use_of(path, embedding)
    pin, digests = pins.get(path, ("", frozenset()))
    return OpaqueFile(
        path,
        entry.size,
        entry.sha256,
        nul,
        form,
        used.use,
        used.package,
        used.constraint,
        origins_of(path, tree),
        pin,
        digests == {entry.sha256} if pin else None,
    )
