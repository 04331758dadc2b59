"""The job of ``samego inputs``: a release built twice, plain and with everything varied."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from samego.compare.where import where_differs
from samego.config import Config
from samego.errors import BuildError, InputError, NetworkError, NotPostedError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.inputs.bisect import culprits
from samego.inputs.experiment import (
    MEMORY,
    Experiment,
    Laboratory,
    check_sandbox,
    moved_clock,
    unpacked,
)
from samego.inputs.probe import was_varied
from samego.inputs.result import InputsResult, TargetInputs, Varied
from samego.inputs.script import PROGRAM, Job
from samego.inputs.surroundings import Surroundings
from samego.inputs.variation import variations, with_required
from samego.model.release import Release, Target, module_version
from samego.model.tree import Tree
from samego.rebuild.bootstrap import UPSTREAM, Bootstrap, candidates, from_tree, tree_digest
from samego.rebuild.compare_files import Comparer
from samego.rebuild.compare_members import compare_trees
from samego.rebuild.find_bootstrap import Finder
from samego.rebuild.host_build import digest_of
from samego.rebuild.run import REBUILD_DIRECTORY
from samego.rebuild.sources import Sources, announced_releases
from samego.rebuild.targets import Product
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: Below the cache: what is built.
DIRECTORY = "inputs"
#: Hosts whose tools another one runs as its own.
_OTHER_HOST = {Target("linux", "amd64"): Target("linux", "386")}
_MEMORY_FILE = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class InputsOptions:
    """What to try. See ``samego inputs --help``.

    ``bootstraps`` are the plain build's and the varied one's; an empty one is upstream's own
    choice, or another of upstream's releases. ``without`` names variations to leave out.
    """

    release: Release
    targets: tuple[Target, ...] = ()
    program: str = ""
    source: str = ""
    bootstraps: tuple[str, str] = ("", "")
    without: frozenset[str] = frozenset()
    config: Config = field(default_factory=Config)


def try_inputs(options: InputsOptions, progress: Progress) -> InputsResult:
    """Build plain and varied, and find what changes the bytes.

    Raises SamegoError for what keeps the run from starting, and BuildError when the plain
    build fails.
    """
    began = time.monotonic()
    unknown = options.without - set(variations())
    if unknown:
        raise InputError(
            f"there is no variation {min(unknown)}", hint=f"name one of {', '.join(variations())}"
        )
    check_sandbox(Surroundings(frozenset()))
    with ExitStack() as stack:
        spool = stack.enter_context(closing(Spool()))
        opener = Opener(IndexCache(options.config.cache_directory / "index"), spool)
        upstream = stack.enter_context(
            UpstreamFiles(options.config, index=opener.members, progress=progress)
        )
        run = _Run(options, progress, opener, upstream)
        targets = tuple(dict.fromkeys(options.targets)) or (host_target(),)
        results = tuple(run.target(target) for target in targets)
        return InputsResult(
            options.release,
            options.program,
            (run.plain_bootstrap.origin, run.other_bootstrap.origin),
            results,
            time.monotonic() - began,
            version("samego"),
        )


class _Run:
    """One run: what its targets share."""

    def __init__(
        self, options: InputsOptions, progress: Progress, opener: Opener, upstream: UpstreamFiles
    ) -> None:
        self._options = options
        self._progress = progress
        self._opener = opener
        self._upstream = upstream
        self._host = host_target()
        self._directory = options.config.cache_directory / DIRECTORY
        self._sources = Sources(
            options.release, options.source, upstream, opener, self._host, progress
        )

    @cached_property
    def plain_bootstrap(self) -> Bootstrap:
        """What builds the first compiler of the plain build."""
        if self._options.program:
            return self._toolchain(self._host)
        return self._find(self._options.bootstraps[0] or UPSTREAM)

    @cached_property
    def other_bootstrap(self) -> Bootstrap:
        """What builds the first compiler of the varied build; the same one if there is no other."""
        if self._options.program:
            return self.plain_bootstrap
        if self._options.bootstraps[1]:
            return self._find(self._options.bootstraps[1])
        plain = self.plain_bootstrap.version
        for release in candidates(self._options.release, announced_releases()):
            if plain is None or release.minor != plain.minor:
                with suppress(NetworkError, NotPostedError):
                    return self._find(str(release))
        return self.plain_bootstrap

    def _find(self, name: str) -> Bootstrap:
        self._progress.stage(f"looking for the bootstrap {name}")
        config = self._options.config
        directory = config.cache_directory / REBUILD_DIRECTORY
        finder = Finder(directory, config, self._upstream, self._opener, self._host)
        return finder.find(name, self._options.release, announced_releases(), self._progress)

    def _toolchain(self, host: Target) -> Bootstrap:
        """Upstream's posted toolchain of the release itself, for a host."""
        posted = self._upstream.fetch(self._options.release, host).posted
        tree = self._opener.open(posted)
        origin = f"upstream's {self._options.release} for {host} (sha256 {posted.sha256})"
        directory = self._options.config.cache_directory / REBUILD_DIRECTORY
        return from_tree(tree, directory, name=UPSTREAM, origin=origin, key=posted.sha256)

    # -- what can be varied here

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """The variations that cannot be made here, and why."""
        found = dict.fromkeys(self._options.without, "left out on request")
        if _free_memory() < MEMORY:
            found["file_system"] = "the machine has too little memory for a file system in it"
        if self._options.program:
            found["bootstrap"] = found["time"] = "a program is built by the posted toolchain"
        elif self.other_bootstrap == self.plain_bootstrap:
            found["bootstrap"] = "no other bootstrap at hand"
        if why := self._host_unavailable():
            found["host_arch"] = why
        elif not self._options.program:
            try:
                moved_clock(self._tree(self._host))
            except BuildError as error:
                found["time"] = error.message
        for name, variation in variations().items():
            missing = [each for each in variation.requires if each in found]
            if missing and name not in found:
                found[name] = f"{missing[0]} is not varied"
        return found

    def _host_unavailable(self) -> str:
        other = _OTHER_HOST.get(self._host)
        if other is None:
            return f"{self._host} runs no other architecture's programs as its own"
        if self._options.program:
            try:
                self._toolchain(other)
            except (NetworkError, NotPostedError) as error:
                return error.message
        return ""

    # -- one target

    def target(self, target: Target) -> TargetInputs:
        """Build a target plain and varied, and compare."""
        names = tuple(name for name in variations() if name not in self.unavailable)
        control = self._build(target, frozenset())
        doubt = self._doubt(target, control)
        varied, error = None, ""
        found: Sequence[str] = ()
        where: tuple[str, ...] = ()
        if not doubt:
            try:
                varied = self._build(target, frozenset(names))
            except BuildError as failure:
                error = failure.message
            if varied is None or varied.files != control.files:
                found = culprits(names, lambda some: self._differs(target, control, some))
                where = self._where(target, control, frozenset(found))
        rows = self._rows(control, varied)
        return TargetInputs(
            target, control, not doubt, doubt, varied, error, rows, tuple(found), where
        )

    def _build(self, target: Target, names: frozenset[str]) -> Experiment:
        whole = with_required(names)
        what = self._options.program or str(self._options.release)
        how = f"with {len(whole)} things varied" if whole else "in plain surroundings"
        self._progress.stage(f"building {what} for {target}, {how}")
        host = _OTHER_HOST[self._host] if "host_arch" in whole else self._host
        bootstrap = self.other_bootstrap if "bootstrap" in whole else self.plain_bootstrap
        if self._options.program:
            bootstrap = self._toolchain(host)
        tree = self._tree(host)
        laboratory = Laboratory(self._directory, unpacked(tree, self._directory, _key(tree)))
        job = Job(tree, host, target, self._options.program)
        return laboratory.run(job, bootstrap, Surroundings(whole))

    def _tree(self, host: Target) -> Tree:
        """What is built from."""
        if self._options.program:
            return self._opener.open(self._upstream.fetch(self._options.release, host).posted)
        return self._sources.get(self._options.release).tree

    def _differs(self, target: Target, control: Experiment, names: frozenset[str]) -> bool:
        try:
            return self._build(target, names).files != control.files
        except BuildError:
            return True

    # -- comparing

    def _doubt(self, target: Target, control: Experiment) -> str:
        """Why the plain build is not upstream's posted bytes; empty where it is."""
        if self._options.program:
            return self._program_doubt(target, control)
        comparer = Comparer(
            self._options.release,
            self._upstream.authorities,
            self._upstream.verifier,
            self._opener,
            lambda _form, target: self._upstream.fetch(self._options.release, target).posted,
            self._directory,
        )
        products = {
            name: Product(control.directory / name, size, sha256)
            for name, (size, sha256) in control.files.items()
        }
        results = comparer.compare(target, products)
        bad = [each for each in results if not each.outcome.agrees]
        return "; ".join(f"{each.name}: {each.cause}" for each in bad)

    def _program_doubt(self, target: Target, control: Experiment) -> str:
        tree = self._opener.open(self._upstream.fetch(self._options.release, target).posted)
        name = self._options.program.rpartition("/")[2]
        name += ".exe" if target.goos == "windows" else ""
        places = (f"bin/{name}", f"pkg/tool/{target.goos}_{target.goarch}/{name}")
        posted = next((tree[place] for place in places if place in tree), None)
        if posted is None:
            return f"upstream's {self._options.release} for {target} has no {name}"
        same = posted.sha256 == control.files[PROGRAM][1]
        return "" if same else f"{name} is not as upstream posted it"

    def _where(self, target: Target, control: Experiment, names: frozenset[str]) -> tuple[str, ...]:
        """What the culprits change, one line for each file."""
        try:
            other = self._build(target, names)
        except BuildError as error:
            return (error.message,)
        if self._options.program:
            one, two = (each.directory / PROGRAM for each in (other, control))
            return (
                f"{self._options.program}: {where_differs(one.read_bytes(), two.read_bytes())}",
            )
        name = f"{module_version(self._options.release, target)}.zip"
        return compare_trees(
            self._open(name, target, other), self._open(name, target, control)
        ).where

    def _open(self, name: str, target: Target, experiment: Experiment) -> Tree:
        sha256 = experiment.files[name][1]
        path = experiment.directory / name
        url = f"built-{sha256}-{name}"
        return self._opener.open(
            Posted("inputs", "module", self._options.release, target, url, path, sha256, ())
        )

    def _rows(self, control: Experiment, varied: Experiment | None) -> tuple[Varied, ...]:
        rows = []
        for name, variation in variations().items():
            plain = control.seen.of(variation)
            other = varied.seen.of(variation) if varied is not None else ""
            unseen = self.unavailable.get(name, "")
            if not unseen and varied is None:
                unseen = "no build with everything varied"
            elif not unseen and varied is not None:
                seen = was_varied(name, control.seen, varied.seen, varied.surroundings)
                unseen = "" if seen else "the probe did not see it"
            rows.append(Varied(name, variation.what, plain, other, unseen))
        return tuple(rows)


def _key(tree: Tree) -> str:
    return digest_of(tree_digest(tree))


def _free_memory() -> int:
    """Bytes of memory that can be had (proc_meminfo(5)); none where that is not said."""
    with suppress(OSError), Path(_MEMORY_FILE).open(encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
