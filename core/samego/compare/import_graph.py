"""Which packages of Go's own source import which, read from upstream's sources.

The nodes are the directories below GOROOT/src that hold sources. An edge stands in two sets:
what is compiled for some target, with whatever tags a user may set, and what is compiled for the
target at hand. Sources that the distro changed add their edges to both. What cannot be read for
certain makes the whole graph incomplete: then nothing may be concluded from an edge that is not
there.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from samego.formats.go_source import read_head
from samego.model.inputs import Context
from samego.model.tree import Kind, Tree
from samego.rules.build_tags import may_be_compiled, may_ever_be_compiled
from samego.rules.source_inputs import is_named_for

#: Changes whenever what is remembered of a graph does.
LAYOUT = "imports/1"
#: Every program has it, whether it imports it or not (cmd/go/internal/load, LinkerDeps).
RUNTIME = "runtime"
_LARGEST = 4 << 20
_OTHER = frozenset({"C", "unsafe"})
_SOURCE = "src/"


class Remembered(Protocol):
    """Where rows are kept between runs, by a name."""

    def load(self, sha256: str) -> Sequence[Sequence[Any]] | None:
        """The rows that were stored under a name, or None."""

    def store(self, sha256: str, rows: Iterable[Sequence[Any]]) -> None:
        """Store rows under a name."""


@dataclass
class GoPackage:
    """One directory with sources: what it imports for any target, and for this one.

    ``embeds`` are its patterns of ``//go:embed``. One that is ``main`` is a program.
    """

    main: bool = False
    imports: set[str] = field(default_factory=set)
    of_target: set[str] = field(default_factory=set)
    embeds: set[str] = field(default_factory=set)


class ImportGraph:
    """The packages by import path. ``complete`` is False where a source could not be read."""

    def __init__(self, packages: Mapping[str, GoPackage], *, complete: bool) -> None:
        self.packages = packages
        self.complete = complete
        self._importers: dict[bool, Mapping[str, set[str]]] = {}
        self._runtime: frozenset[str] | None = None

    def importers(self, package: str, *, of_target: bool) -> frozenset[str]:
        """All packages that import one, directly or through others, and itself."""
        edges = self._reverse(of_target=of_target)
        return frozenset(_closure(package, lambda each: edges.get(each, ())))

    def nearest(self, package: str, wanted: Callable[[str], bool]) -> frozenset[str]:
        """The first packages on each way up that satisfy ``wanted``; itself, if it does."""
        edges = self._reverse(of_target=False)
        seen, found, pending = {package}, set(), [package]
        while pending:
            each = pending.pop()
            if wanted(each):
                found.add(each)
                continue
            above = edges.get(each, set()) - seen
            seen |= above
            pending += above
        return frozenset(found)

    def in_every_program(self, package: str) -> bool:
        """Whether the runtime needs a package: then every program has it."""
        if self._runtime is None:
            known = self.packages
            self._runtime = frozenset(
                _closure(RUNTIME, lambda each: known[each].of_target if each in known else ())
            )
        return package in self._runtime

    def _reverse(self, *, of_target: bool) -> Mapping[str, set[str]]:
        if of_target not in self._importers:
            edges: defaultdict[str, set[str]] = defaultdict(set)
            for name, package in self.packages.items():
                for path in package.of_target if of_target else package.imports:
                    edges[self.resolve(name, path)].add(name)
                if package.main:
                    edges[RUNTIME].add(name)
            self._importers[of_target] = edges
        return self._importers[of_target]

    def resolve(self, importer: str, path: str) -> str:
        """The directory that an import names: one's own vendored copy first (go help modules)."""
        vendor = "cmd/vendor/" if importer.startswith("cmd/") else "vendor/"
        return vendor + path if vendor + path in self.packages else path


def read_graph(context: Context, remembered: Remembered | None, key: str) -> ImportGraph:
    """The graph of upstream's sources, with what the distro's own add.

    ``key`` stands for upstream's file, under which ``remembered`` may have its part.
    """
    rows = remembered.load(key) if remembered is not None else None
    if rows is None:
        rows = list(_rows(context.upstream, context))
        if remembered is not None:
            remembered.store(key, rows)
    packages: dict[str, GoPackage] = {}
    complete = True
    for name, main, imports, of_target, embeds in rows:
        if imports is None:
            complete = False
            continue
        packages[name] = GoPackage(main, set(imports), set(of_target), set(embeds))
    changed = [
        path
        for path in context.differing_files
        if is_source(path) and path in context.distro and _readable(context.distro, path)
    ]
    context.distro.load(changed)
    for path in changed:
        complete &= _add(packages, path, context.distro.read(path), None)
    return ImportGraph(packages, complete=complete)


def is_source(path: str) -> bool:
    """Whether a path is a Go source that the go command takes for a package's.

    It leaves out tests, and directories that are testdata or begin with ``_`` or ``.``
    (go help packages).
    """
    directory, name = posixpath.split(path)
    return (
        path.startswith(_SOURCE)
        and name.endswith(".go")
        and not name.endswith("_test.go")
        and not name.startswith(("_", "."))
        and not is_passed_over(directory)
    )


def is_passed_over(directory: str) -> bool:
    """Whether the go command passes a directory over unless an import names it."""
    return any(part == "testdata" or part.startswith(("_", ".")) for part in directory.split("/"))


def _rows(tree: Tree, context: Context) -> Iterator[tuple[object, ...]]:
    paths = [path for path in tree if is_source(path) and _readable(tree, path)]
    tree.load(paths)
    packages: dict[str, GoPackage] = {}
    complete = all(_add(packages, path, tree.read(path), context) for path in paths)
    if not complete:
        yield "", False, None, None, None
    for name, package in sorted(packages.items()):
        yield (
            name,
            package.main,
            sorted(package.imports),
            sorted(package.of_target),
            sorted(package.embeds),
        )


def _readable(tree: Tree, path: str) -> bool:
    entry = tree[path]
    return entry.kind is Kind.FILE and entry.size <= _LARGEST


def _add(packages: dict[str, GoPackage], path: str, data: bytes, context: Context | None) -> bool:
    """Add a source; without a context its edges count for every target. False if unreadable."""
    if not may_ever_be_compiled(data):
        return True
    head = read_head(data)
    if head is None:
        return False
    package = packages.setdefault(posixpath.dirname(path).removeprefix(_SOURCE), GoPackage())
    package.main |= head.package == "main"
    imports = set(head.imports) - _OTHER
    package.imports |= imports
    package.embeds |= set(head.embeds)
    if context is None or (
        is_named_for(path, context.target)
        and may_be_compiled(data, context.target, context.release)
    ):
        package.of_target |= imports
    return True


def _closure(start: str, edges: Callable[[str], Iterable[str]]) -> Iterator[str]:
    seen, pending = {start}, [start]
    while pending:
        each = pending.pop()
        yield each
        more = set(edges(each)) - seen
        seen |= more
        pending += more
