"""Generated files, made again by the release's own generators in the sandbox.

A generator is a program of the source under test. It is run by upstream's posted toolchain of
the same release, sees that and a copy of what it reads, and has no network. What it writes must
be what the source has. generators.toml says which there are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from samego.errors import NetworkError, NotPostedError
from samego.model.release import Target
from samego.model.tree import Kind, Tree
from samego.rebuild.bootstrap import from_tree
from samego.rebuild.box import Box, box
from samego.rebuild.run import REBUILD_DIRECTORY
from samego.sandbox import PLACE, collect
from samego.source.go_files import parse_go_mod, parse_go_sum
from samego.source.opened import OpenedSource
from samego.source.policy import table
from samego.source.result import Difference, Generated, What
from samego.source.vendoring import Zips
from samego.system.progress import Progress
from samego.system.terminal import visible
from samego.upstream.channels.module_zips import OtherModuleError
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: What a file says that a generator wrote (go.dev/s/generatedcode); it stands near its top.
_MARK = b"Code generated "
_HEAD = 2048
#: Bytes of one generated file, and files and directories that a generator may leave.
_LARGEST, _ENTRIES = 64 << 20, 100_000


@dataclass(frozen=True, slots=True)
class Generator:
    """One row of the table."""

    name: str
    directory: str
    main: str
    run: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    gopath: Mapping[str, str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Generator:
        """The generator of a row."""
        return cls(
            row["name"],
            row["directory"],
            row["main"],
            tuple(row["run"]),
            tuple(row["reads"]),
            tuple(row["writes"]),
            row.get("gopath", {}),
        )

    def reads_from(self, tree: Tree, zips: Zips) -> Iterator[tuple[str, Tree, str]]:
        """Where each file that it needs lies when it runs, and the tree and path it is from.

        Raises what ``zips`` raises.
        """
        paths = [path for path, entry in tree.items() if entry.kind is Kind.FILE]
        yield from ((path, tree, path) for path in paths if _matches(path, self.reads))
        own = f"{self.directory}/go.mod"
        for module, vendored in self.gopath.items():
            place = f"gopath/src/{module}"
            if own in tree:
                zipped = _required(self.directory, module, tree, zips)
                yield from ((f"{place}/{path}", zipped, path) for path in zipped if _source(path))
            else:
                below = [path for path in paths if path.startswith(f"{vendored}/")]
                yield from ((f"{place}{path[len(vendored) :]}", tree, path) for path in below)


def _required(directory: str, module: str, tree: Tree, zips: Zips) -> Tree:
    """The module that a generator's own go.mod requires, as its go.sum or the log has it."""
    mod = parse_go_mod(tree.read(f"{directory}/go.mod"), name=f"{directory}/go.mod")
    sums = parse_go_sum(tree.read(f"{directory}/go.sum"), name=f"{directory}/go.sum")
    version = mod.required.get(module, "")
    logged = zips.logged(module, version)
    return zips.fetch(module, version, logged, sums.get((module, version), "")).tree


def _source(path: str) -> bool:
    return path.endswith(".go") and not path.endswith("_test.go") and "testdata/" not in path


def generate(
    source: OpenedSource,
    upstream: UpstreamFiles,
    opener: Opener,
    place: tuple[Path, Target],
    progress: Progress,
) -> tuple[Generated, ...]:
    """What each generator of a source gives.

    ``place`` is the cache's directory and this machine. Raises SandboxError without a sandbox,
    and NotPostedError or NetworkError without upstream's toolchain of the release.
    """
    rows = [Generator.of(row) for row in table("generators")["generator"]]
    generators = [each for each in rows if each.main in source.tree]
    cache, host = place
    posted = upstream.fetch(source.release, host).posted
    toolchain = from_tree(
        opener.open(posted),
        cache / REBUILD_DIRECTORY,
        name="upstream",
        origin=str(source.release),
        key=posted.sha256,
    ).goroot
    assert toolchain is not None  # noqa: S101 - a tree is always unpacked
    found = []
    with (
        collect.scratch() as scratch,
        box(scratch, toolchain, [each.main for each in generators]) as made,
    ):
        for each in generators:
            assert made is not None  # noqa: S101 - with a generator there is a box
            progress.stage(f"generating {each.name}")
            found.append(_run(each, source.tree, made, toolchain, upstream.modules, progress))
    return tuple(found)


def _run(
    generator: Generator, tree: Tree, made: Box, toolchain: Path, zips: Zips, progress: Progress
) -> Generated:
    began = time.monotonic()
    expected = _generated(generator, tree)
    work = made.writable / generator.main.replace("/", "_")
    try:
        _lay_out(generator, generator.reads_from(tree, zips), work, expected)
    except (NetworkError, NotPostedError, OtherModuleError) as error:
        progress.note(f"{generator.main}: {error.cause}")
        return Generated(generator.name, reason="a module that it needs cannot be had")
    finished = made.run(
        [f"{toolchain}/bin/go", "run", *generator.run],
        work / generator.directory,
        _environment(made, work, toolchain),
    )
    if not finished.ok:
        reason = finished.ended.value if finished.ended else f"exit status {finished.status}"
        last = finished.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        progress.note(f"{generator.main}: {reason}: {visible(last[:200])}")
        return Generated(generator.name, reason=reason, seconds=finished.cpu)
    written = dict(_written(generator, work))
    differences = tuple(_differences(tree, expected, written))
    seconds = finished.cpu or time.monotonic() - began
    return Generated(generator.name, len(expected), differences, seconds=seconds)


def _generated(generator: Generator, tree: Tree) -> frozenset[str]:
    """The files of the source that the generator says it wrote."""
    return frozenset(
        path
        for path, entry in tree.items()
        if entry.kind is Kind.FILE
        and _matches(path, generator.writes)
        and _MARK in tree.read(path)[:_HEAD]
    )


def _lay_out(
    generator: Generator,
    needed: Iterable[tuple[str, Tree, str]],
    work: Path,
    without: frozenset[str],
) -> None:
    """Copy what a generator reads, without what it is to write."""
    files = [row for row in needed if row[0] not in without]
    for place, tree, path in files:
        file = work / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(tree.read(path))
    (work / generator.directory).mkdir(parents=True, exist_ok=True)


def _environment(made: Box, work: Path, toolchain: Path) -> Mapping[str, str]:
    return {
        "GOROOT": str(toolchain),
        "GOPATH": str(work / "gopath"),
        "GOCACHE": f"{PLACE}/gocache",
        "GO111MODULE": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "",
        "GOENV": "off",
        "GOPROXY": "off",
        "GOTELEMETRY": "off",
        "CGO_ENABLED": "0",
        "TMPDIR": str(made.writable),
    }


def _written(generator: Generator, work: Path) -> Iterator[tuple[str, bytes]]:
    """What the generator left that it is known to write."""
    for path in collect.files(work, entries=_ENTRIES):
        if _matches(path, generator.writes):
            data = collect.read_file(work, path, limit=_LARGEST) or b""
            if _MARK in data[:_HEAD]:
                yield path, data


def _differences(
    tree: Tree, expected: frozenset[str], written: Mapping[str, bytes]
) -> Iterator[Difference]:
    for path in sorted(expected | written.keys()):
        if path not in written:
            yield Difference(path, What.EXTRA)
        elif path not in tree:
            yield Difference(path, What.MISSING)
        elif tree.read(path) != written[path]:
            yield Difference(path, What.CONTENT)


def _matches(path: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(path, glob) for glob in globs)
