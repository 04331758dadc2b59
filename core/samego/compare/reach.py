"""What a difference reaches: nothing that runs, settings, the toolchain, or programs.

Reach is no standing, and never raises a verdict: a patch that was replayed is ``explained``
wherever it reaches. But a patch is the distro's own change, and a user who does not want one in
what runs can say so (``--require unpatched``).

It is worked out from the import graph of the real sources and from what the release's own code
says of its files. Where that does not decide, the answer is programs.
"""

from __future__ import annotations

import fnmatch
import hashlib
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from samego.compare.import_graph import (
    LAYOUT,
    ImportGraph,
    Remembered,
    is_passed_over,
    is_source,
    read_graph,
)
from samego.model.finding import Finding
from samego.model.inputs import Context
from samego.model.reach import NOTHING, UNKNOWN, Reach, Reached
from samego.model.tree import Kind, Tree
from samego.rules.build_tags import may_be_compiled, may_ever_be_compiled
from samego.rules.source_inputs import is_named_for

#: What the go command takes into a package besides Go sources (go/build, Package).
_COMPILED = frozenset(
    {
        *(".s", ".S", ".sx", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx"),
        *(".f", ".F", ".for", ".f90", ".syso", ".swig", ".swigcxx", ".pgo"),
    }
)
#: Documents at the top of GOROOT. No package lies there that could embed one, and the only files
#: there that the go command reads are those below (cmd/go/internal/cfg, internal/buildcfg).
_DOCUMENTS = frozenset(
    {
        *("AUTHORS", "CONTRIBUTING.md", "CONTRIBUTORS", "LICENSE", "PATENTS", "README.md"),
        *("SECURITY.md", "codereview.cfg", "favicon.ico", "robots.txt"),
    }
)
_SETTINGS = frozenset({"VERSION", "go.env", "lib/fips140/fips140.sum"})
#: Upstream itself leaves these out of a toolchain that works, where its distpack says so.
LEFT_OUT = frozenset({"api", "doc", "misc", "test"})
_DISTPACK = "src/cmd/distpack/pack.go"
#: Support that programs for js/wasm are run with, up to go1.23.
_WASM = "misc/wasm/"
#: What the release's own code reads for programs: the zones, and the FIPS 140 module's sources.
_LIBRARIES = {"lib/time/zoneinfo.zip": "time", "lib/fips140/": "crypto"}
#: Directories of which no program may need a file (Debian policy 12.3, FHS 4.11).
_DOCUMENTATION = (
    *("/usr/share/doc/", "/usr/share/man/", "/usr/share/licenses/", "/usr/share/lintian/"),
)
_MODULES = ("go.mod", "go.sum", "vendor/modules.txt")


def with_reach(
    findings: Iterable[Finding], context: Context, remembered: Remembered | None, sha256: str
) -> tuple[Finding, ...]:
    """The findings, each with what it reaches.

    ``sha256`` is that of upstream's file, by which the import graph is remembered.
    """
    findings = tuple(findings)
    for tree in (context.distro, context.upstream):  # in one pass over each
        tree.load([each.path for each in findings if _is_constrained(each.path, tree)])
    judge = _Judge(context, remembered, sha256)
    return tuple(replace(finding, reach=judge.of(finding.path)) for finding in findings)


class _Judge:
    """Says what each path reaches; the graph is read when the first path needs it."""

    def __init__(self, context: Context, remembered: Remembered | None, sha256: str) -> None:
        self._context = context
        self._remembered = remembered
        self._sha256 = sha256
        self._graph: ImportGraph | None = None
        self._tested: Mapping[str, bool] | None = None
        self._known: dict[tuple[str, bool], Reach] = {}

    def of(self, path: str) -> Reach:
        """What a path of GOROOT, or an absolute one outside it, reaches."""
        top, _, rest = path.partition("/")
        if not top:
            return NOTHING if path.startswith(_DOCUMENTATION) else UNKNOWN
        if top == "src" and rest:
            return self._of_source(path)
        if path in _SETTINGS:
            return Reach(Reached.SETTINGS)
        if path in _DOCUMENTS or self._is_left_out(top, path):
            return NOTHING
        if top == "bin" or path.startswith("pkg/tool/"):
            return Reach(Reached.TOOLCHAIN, executables=(path,))
        packages = (package for prefix, package in _LIBRARIES.items() if path.startswith(prefix))
        return Reach(Reached.PROGRAMS, tuple(packages))

    def _is_left_out(self, top: str, path: str) -> bool:
        """Whether upstream leaves a directory out of the toolchain that the go command fetches."""
        upstream = self._context.upstream
        if top not in LEFT_OUT or path.startswith(_WASM) or _DISTPACK not in upstream:
            return False
        upstream.load([_DISTPACK])
        return f'"{top}/**"'.encode() in upstream.read(_DISTPACK)

    def _of_source(self, path: str) -> Reach:
        """What a file below src reaches: by the package that it is compiled or embedded into."""
        directory, name = posixpath.split(path)
        if path.removeprefix("src/") in _MODULES:
            return UNKNOWN
        if path.removeprefix("src/cmd/") in _MODULES:
            return Reach(Reached.TOOLCHAIN, executables=self._executables(self._mains()))
        if name.endswith("_test.go"):
            return NOTHING
        # In place of a directory, a link leads to other packages.
        if not any(_is_file(tree, path) for tree in self._trees()) or not self._read().complete:
            return UNKNOWN
        reaches = [self._of_package(each, path) for each in self._embedding(path)]
        if posixpath.splitext(name)[1] in {".go", *_COMPILED}:
            reaches.append(self._of_compiled(path, directory.removeprefix("src/")))
        return max(reaches, key=lambda reach: reach.what.rank, default=NOTHING)

    def _of_compiled(self, path: str, package: str) -> Reach:
        """What a source reaches that is compiled into the package of its directory."""
        graph = self._read()
        if is_passed_over(f"src/{package}"):
            # Only an import that names it would take it.
            named = graph.importers(package, of_target=False) != {package}
            return UNKNOWN if named else NOTHING
        if path.endswith(".go"):
            if not is_source(path) or not any(map(may_ever_be_compiled, self._sides(path))):
                return NOTHING
            return self._of_package(package, path)
        if package in graph.packages:
            return self._of_package(package, path)
        # Sources without a package may be included from elsewhere, unless all is for tests.
        return NOTHING if self._has_only_tests(package) else UNKNOWN

    def _of_package(self, package: str, path: str) -> Reach:
        """What a file reaches by its package."""
        key = package, self._is_for_target(path)
        if key not in self._known:
            self._known[key] = self._work_out(*key)
        return self._known[key]

    def _work_out(self, package: str, of_target: bool) -> Reach:  # noqa: FBT001 - a key's parts
        """What a package reaches: those who import it, up to programs and executables.

        No executable of the toolchain has it where it is not ``of_target``.
        """
        graph = self._read()
        mains = [each for each in graph.importers(package, of_target=True) if self._is_main(each)]
        executables = self._executables(mains) if of_target else ()
        if package.startswith("cmd/"):
            above = graph.importers(package, of_target=False)
            tool = any(self._is_main(each) for each in above)
            return Reach(Reached.TOOLCHAIN, executables=executables) if tool else NOTHING
        packages = sorted(graph.nearest(package, _is_importable))
        if packages:
            every = graph.in_every_program(package)
            return Reach(Reached.PROGRAMS, tuple(packages), executables, every)
        above = graph.importers(package, of_target=False)
        if any(self._is_main(each) for each in above):
            return Reach(Reached.TOOLCHAIN, executables=executables)
        return NOTHING

    def _embedding(self, path: str) -> list[str]:
        """The packages whose ``//go:embed`` may mean a file: they lie above it."""
        parts = path.removeprefix("src/").split("/")
        above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        graph = self._read()
        return [
            package
            for package in above
            if package in graph.packages
            and any(
                _may_embed(pattern, path.removeprefix(f"src/{package}/"))
                for pattern in graph.packages[package].embeds
            )
        ]

    def _read(self) -> ImportGraph:
        if self._graph is None:
            context = self._context
            name = f"{LAYOUT} {self._sha256} {context.release} {context.target}"
            key = hashlib.sha256(name.encode()).hexdigest()
            self._graph = read_graph(context, self._remembered if self._sha256 else None, key)
        return self._graph

    def _mains(self) -> list[str]:
        return [package for package in self._read().packages if self._is_main(package)]

    def _is_main(self, package: str) -> bool:
        known = self._read().packages.get(package)
        return known is not None and known.main and package.startswith("cmd/")

    def _executables(self, mains: Iterable[str]) -> tuple[str, ...]:
        """Where the executables of these programs lie, those that either side has."""
        context = self._context
        tools = context.target.tool_directory
        suffix = ".exe" if context.target.goos == "windows" else ""
        found = set()
        for main in mains:
            name = posixpath.basename(main) + suffix
            found |= {
                path
                for path in (f"bin/{name}", f"{tools}/{name}")
                if path in context.upstream or path in context.distro
            }
        return tuple(sorted(found))

    def _is_for_target(self, path: str) -> bool:
        if not path.endswith((".go", ".s")):
            return is_named_for(path, self._context.target)
        target, release = self._context.target, self._context.release
        return is_named_for(path, target) and any(
            may_be_compiled(data, target, release) for data in self._sides(path)
        )

    def _sides(self, path: str) -> list[bytes]:
        """A file's bytes on each side that has it."""
        return [data for tree in self._trees() if (data := _read_file(tree, path)) is not None]

    def _trees(self) -> tuple[Tree, Tree]:
        return self._context.distro, self._context.upstream

    def _has_only_tests(self, package: str) -> bool:
        """Whether a directory holds Go sources, and all of them are tests."""
        if self._tested is None:
            found: defaultdict[str, bool] = defaultdict(lambda: True)
            for path in (path for tree in self._trees() for path in tree if path.endswith(".go")):
                found[posixpath.dirname(path)] &= not is_source(path)
            self._tested = found
        return self._tested.get(f"src/{package}", False)


def _read_file(tree: Tree, path: str) -> bytes | None:
    if not _is_file(tree, path):
        return None
    tree.load([path])
    return tree.read(path)


def _is_file(tree: Tree, path: str) -> bool:
    entry = tree.get(path)
    return entry is not None and entry.kind is Kind.FILE


def _is_constrained(path: str, tree: Tree) -> bool:
    """Whether a tree has a source at a path that may have a build constraint."""
    return path.startswith("src/") and path.endswith((".go", ".s")) and _is_file(tree, path)


def _is_importable(package: str) -> bool:
    """Whether users may import a package of the standard library (go help internal)."""
    parts = package.split("/")
    return parts[0] != "cmd" and "internal" not in parts and "vendor" not in parts


def _may_embed(pattern: str, path: str) -> bool:
    """Whether a pattern may mean a file, or a directory above it (package embed).

    A pattern in another form than a plain one may mean any.
    """
    plain = pattern.removeprefix("all:")
    if any(sign in plain for sign in "[\\"):
        return True
    parts = path.split("/")
    wanted = plain.split("/")
    if wanted == ["."]:
        return True
    return len(wanted) <= len(parts) and all(map(fnmatch.fnmatchcase, parts, wanted))
