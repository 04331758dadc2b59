"""What differences reach in upstream's real go1.24.4 and go1.27.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from samego.compare.import_graph import RUNTIME, ImportGraph, read_graph
from samego.compare.reach import with_reach
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.formats.executable.go_executable import read_go_executable
from samego.formats.tree.composed import ComposedSource
from samego.model.finding import Side, unexplained
from samego.model.inputs import Context, Inputs
from samego.model.policy import UPSTREAM_LAYOUT
from samego.model.reach import NOTHING, Reach, Reached
from samego.model.release import Release, Target
from samego.model.tree import Entry, Kind, Tree
from samego.model.value import Told
from samego.system.hashing import size_and_sha256
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from support.archives import memory_tree

pytestmark = pytest.mark.network

LINUX = Target("linux", "amd64")
TOOLS = LINUX.tool_directory
#: Functions by these names are defined in other packages (//go:linkname): in runtime/sigqueue.go
#: and go/types; ``_`` is what the compiler calls one without a name.
NAMED_ELSEWHERE = {"os/signal", "golang.org/x/tools/go/types/typeutil", "_"}
Open = Callable[[str], Tree]


@pytest.fixture(scope="module")
def opened(
    module_zip: Callable[[str, str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open]:
    """Upstream's tree of a release."""
    indexes = IndexCache(tmp_path_factory.mktemp("index"))
    with closing(Spool()) as spool:
        opener = Opener(indexes, spool)

        def tree(release: str) -> Tree:
            path = module_zip(release, str(LINUX))
            _size, sha256 = size_and_sha256(path)
            known = Release.parse(release)
            return opener.open(Posted("", "module", known, LINUX, path.name, path, sha256, ()))

        yield tree


def changed(upstream: Tree, path: str) -> Tree:
    """The tree with one byte more in a file."""
    other = memory_tree({path: upstream.read(path) + b"\n"})
    entries: dict[str, Entry] = {**upstream, path: other[path]}
    source = ComposedSource(lambda each: (other if each == path else upstream, each))
    return Tree(entries, source, name="changed", carries_modes=False)


def context(upstream: Tree, distro: Tree, release: str) -> Context:
    return Context(Release.parse(release), LINUX, UPSTREAM_LAYOUT, Inputs(), distro, upstream)


def reach(upstream: Tree, path: str, release: str = "go1.24.4") -> Reach:
    given = unexplained(path, Side.BOTH, "text", Told("nothing accounts for it"))
    trees = context(upstream, changed(upstream, path), release)
    (found,) = with_reach([given], trees, None, "")
    assert replace(found, reach=None) == given
    assert found.reach is not None
    return found.reach


def test_debians_skipped_test_reaches_nothing_that_runs(opened: Open) -> None:
    assert reach(opened("go1.24.4"), "src/runtime/crash_unix_test.go") == NOTHING


def test_a_change_of_the_go_command_reaches_the_go_command(opened: Open) -> None:
    found = reach(opened("go1.24.4"), "src/cmd/go/internal/load/godebug.go")
    assert found == Reach(Reached.TOOLCHAIN, executables=("bin/go",))


def test_a_line_in_crypto_tls_reaches_programs_and_some_tools(opened: Open) -> None:
    found = reach(opened("go1.24.4"), "src/crypto/tls/conn.go")
    tools = ("bin/go", f"{TOOLS}/pprof", f"{TOOLS}/trace")
    assert found == Reach(Reached.PROGRAMS, ("crypto/tls",), tools)


def test_a_line_in_go_env_reaches_settings(opened: Open) -> None:
    assert reach(opened("go1.24.4"), "go.env") == Reach(Reached.SETTINGS)


def test_a_syso_reaches_programs_that_are_built_with_it(opened: Open) -> None:
    path = "src/runtime/race/internal/amd64v1/race_linux.syso"
    assert reach(opened("go1.24.4"), path) == Reach(Reached.PROGRAMS, ("runtime/race",))


def test_a_file_in_testdata_reaches_nothing_that_runs(opened: Open) -> None:
    upstream = opened("go1.24.4")
    path = next(path for path in upstream if path.startswith("src/crypto/tls/testdata/"))
    assert reach(upstream, path) == NOTHING


def test_a_test_helper_is_known_by_who_imports_it_and_not_by_its_name(opened: Open) -> None:
    assert reach(opened("go1.24.4"), "src/internal/testenv/testenv.go") == NOTHING


def test_the_runtime_reaches_every_program_and_every_executable(opened: Open) -> None:
    upstream = opened("go1.24.4")
    found = reach(upstream, "src/runtime/proc.go")
    assert (found.what, found.packages, found.every) == (Reached.PROGRAMS, ("runtime",), True)
    assert set(found.executables) == {
        path for path in upstream if path.startswith(("bin/", f"{TOOLS}/"))
    }


@pytest.mark.parametrize("release", ["go1.24.4", "go1.27.3"])
def test_all_that_the_function_tables_show_is_in_the_graph(opened: Open, release: str) -> None:
    """What the linker took into an executable, the imports lead to: nothing is overlooked."""
    upstream = opened(release)
    graph = read_graph(context(upstream, upstream, release), None, "")
    assert graph.complete
    paths = [f"bin/{name}" for name in ("go", "gofmt")]
    paths += [path for path in upstream if path.startswith(f"{TOOLS}/")]
    seen = 0
    for path in paths:
        executable = read_go_executable(upstream.read(path))
        assert executable is not None, path
        reached = imported(graph, executable.info.path)
        own = executable.functions.packages() - {"main"}
        linked = {name.replace("%2e", ".") for name in own}
        assert linked - reached <= NAMED_ELSEWHERE, path
        seen += len(linked)
    assert seen > 500


def imported(graph: ImportGraph, main: str) -> set[str]:
    """All that a program imports for the target, directly or through others."""
    found, pending = {main, RUNTIME}, [main, RUNTIME]
    while pending:
        each = pending.pop()
        assert each in graph.packages, each
        paths = {graph.resolve(each, path) for path in graph.packages[each].of_target} - found
        found |= paths
        pending += paths
    return found


def test_every_file_of_a_tree_has_its_reach(opened: Open) -> None:
    upstream = opened("go1.27.3")
    files = [path for path, entry in upstream.items() if entry.kind is Kind.FILE]
    given = [unexplained(path, Side.BOTH, "text", Told("")) for path in files]
    found = with_reach(given, context(upstream, upstream, "go1.27.3"), None, "")
    by_what = {what: [f for f in found if f.reach and f.reach.what is what] for what in Reached}
    assert len(by_what[Reached.PROGRAMS]) > 2000
    assert len(by_what[Reached.TOOLCHAIN]) > 1000
    assert {f.path for f in by_what[Reached.SETTINGS]} >= {"VERSION", "go.env"}
    unknown = [f.path for f in by_what[Reached.PROGRAMS] if f.reach and not f.reach.packages]
    assert len(unknown) < 40, unknown
