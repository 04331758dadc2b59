"""The job of ``samego rebuild``: builds a release and compares it with the posted files."""

from __future__ import annotations

import functools
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from samego.config import Config
from samego.errors import BuildError, DiskFullError
from samego.model.release import Release, Target
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.cleanup import tidy
from samego.rebuild.compare_files import Comparer
from samego.rebuild.estimate import (
    HOST_SECONDS,
    KEPT,
    Estimate,
    Pace,
    duration,
)
from samego.rebuild.find_bootstrap import Finder
from samego.rebuild.host_build import Compiler, HostBuild, build_host, built_go
from samego.rebuild.plan import Step
from samego.rebuild.posted import fetch_posted
from samego.rebuild.recipe import known_targets
from samego.rebuild.results import BootstrapResult, Rebuild, StepResult, TargetResult
from samego.rebuild.source import ReleaseSource
from samego.rebuild.sources import Sources, posted_targets
from samego.rebuild.target_builds import TargetBuilds
from samego.rebuild.targets import check_targets
from samego.rebuild.unfinished import unfinished
from samego.system import atomic, ending
from samego.system.host import host_target
from samego.system.progress import Progress, expected
from samego.upstream.connect import connect
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import REBUILT, UpstreamFiles

#: What ``--target`` and ``--bootstrap`` mean where they are not given.
ALL = "all"
DEFAULT_BOOTSTRAP = "upstream"
#: Below the cache: what is built.
REBUILD_DIRECTORY = "rebuild"


@dataclass(frozen=True, slots=True)
class RebuildOptions:
    """What to rebuild, from what, with what. See ``samego rebuild --help``.

    ``targets`` empty stands for this machine; ``source`` is a channel, a file or a
    directory, or empty; ``jobs`` targets are built at the same time. ``control`` asks whether
    the same steps give upstream's own files of this machine, for a target without
    published checksums.
    """

    release: Release
    targets: tuple[Target, ...] = ()
    every_target: bool = False
    source: str = ""
    bootstraps: tuple[str, ...] = (DEFAULT_BOOTSTRAP,)
    output: Path | None = None
    jobs: int = 1
    control: bool = False
    config: Config = field(default_factory=Config)


def rebuild(options: RebuildOptions, progress: Progress) -> Rebuild:
    """Rebuild a release with each bootstrap, and compare every file with the posted one.

    A build that fails is a result (it could not be decided whether it reproduces). Raises
    SamegoError for what keeps the run from starting or from comparing.
    """
    began = time.monotonic()
    with connect(options.config, progress=progress) as (upstream, opener):
        return _Run(options, progress, opener, upstream).rebuild(began)


class _Run:
    """One run: what its parts share."""

    def __init__(
        self, options: RebuildOptions, progress: Progress, opener: Opener, upstream: UpstreamFiles
    ) -> None:
        self._options = options
        self._progress = progress
        self._opener = opener
        self._upstream = upstream
        self._host = host_target()
        self._directory = options.config.cache_directory / REBUILD_DIRECTORY
        self._sources = Sources(
            options.release, options.source, upstream, opener, self._host, progress
        )
        self._stop = threading.Event()
        self._pace = Pace(Estimate(0, 0, 1))  # until it is known what there is to do

    def rebuild(self, began: float) -> Rebuild:
        """Do everything."""
        options = self._options
        self._progress.stage(f"looking for the source of {options.release}")
        source = self._sources.get(options.release)
        targets = self._targets(source)
        finder = Finder(self._directory, options.config, self._upstream, self._opener, self._host)
        planned = []
        for name in options.bootstraps:
            self._progress.stage(f"looking for the bootstrap {name}")
            bootstrap = finder.find(name, options.release, self._sources.known(), self._progress)
            planned.append((bootstrap, self._sources.plan(bootstrap)))
        self._pace = Pace(self._announce(planned, targets))
        try:
            results = [
                self._with(bootstrap, steps, targets, number == 0)
                for number, (bootstrap, steps) in enumerate(planned)
            ]
        except BaseException:
            self._stop.set()
            raise
        tidy(self._directory)
        return Rebuild(
            release=options.release,
            source=source.posted,
            complete=source.complete,
            bootstraps=tuple(results),
            notes=(source.note,) if source.note else (),
            seconds=time.monotonic() - began,
            version=version("samego"),
        )

    def _targets(self, source: ReleaseSource) -> tuple[Target, ...]:
        options = self._options
        if options.every_target:
            known = known_targets(source.tree)
            posted = posted_targets(options.release)
            return tuple(each for each in known if not posted or each in posted)
        targets = tuple(dict.fromkeys(options.targets)) or (self._host,)
        check_targets(source, targets)
        return targets

    # -- before it starts

    def _announce(
        self, planned: Sequence[tuple[Bootstrap, tuple[Step, ...]]], targets: Sequence[Target]
    ) -> Estimate:
        hosts = products = 0
        for bootstrap, steps in planned:
            self._progress.note(f"plan: {'; '.join(map(str, steps))} ({bootstrap.origin})")
            sources = [self._sources.get(step.release) for step in steps]
            left = unfinished(bootstrap, sources, targets, self._host, self._directory)
            hosts, products = hosts + left[0], products + left[1]
        estimate = Estimate(hosts, products, self._options.jobs)
        need = estimate.bytes
        self._progress.note(
            f"about {duration(estimate.seconds)} of CPU and at most {need / 1e9:.0f} GB in"
            f" {self._directory}"
            f"; {KEPT}"
            if need
            else f"all of it was built before; it is in {self._directory}"
        )
        ending.keeps(KEPT)
        self._directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._directory).free
        if free < need:
            raise DiskFullError(
                f"{self._directory} has {free / 1e9:.1f} GB left, and this may take"
                f" {need / 1e9:.0f} GB",
                hint="free some, or set SAMEGO_CACHE to a directory on another disk",
            )
        return estimate

    # -- building and comparing

    def _with(
        self,
        bootstrap: Bootstrap,
        steps: Sequence[Step],
        targets: Sequence[Target],
        deliver: bool,  # noqa: FBT001 - the first bootstrap's files are delivered
    ) -> BootstrapResult:
        done: list[StepResult] = []
        compiler: Compiler = bootstrap
        host: HostBuild | None = None
        for step in steps:
            source = self._sources.get(step.release)
            try:
                with expected(self._progress, self._pace.wall(HOST_SECONDS)):
                    host = build_host(source, compiler, self._host, self._directory, self._progress)
            except BuildError as error:
                done.append(StepResult(step, source.posted, None, error.cause))
                return BootstrapResult(bootstrap, tuple(done), ())
            done.append(StepResult(step, source.posted, host, ""))
            if host.fresh:
                self._pace.built(HOST_SECONDS)
            compiler = built_go(host.directory)
        assert host is not None  # noqa: S101 - a plan has at least one step
        results = []
        for result in self._targets_built_by(host, targets).results():
            if deliver and self._options.output is not None:
                _deliver(result, self._options.output)
            results.append(result)
        return BootstrapResult(bootstrap, tuple(done), tuple(results))

    def _targets_built_by(self, host: HostBuild, targets: Sequence[Target]) -> TargetBuilds:
        options = self._options
        comparer = Comparer(
            options.release,
            self._upstream.authorities,
            self._upstream.verifier,
            self._opener,
            functools.partial(fetch_posted, options.release, self._upstream.channels),
            self._directory,
        )
        return TargetBuilds(
            source=self._sources.get(options.release),
            host=host,
            native=self._host,
            targets=targets,
            comparer=comparer,
            directory=self._directory,
            reproduced=options.config.cache_directory / REBUILT,
            jobs=options.jobs,
            control=options.control,
            progress=self._progress,
            pace=self._pace,
            stop=self._stop,
        )


def _deliver(result: TargetResult, output: Path) -> None:
    """Copy a target's built files into the user's directory, each whole or not at all."""
    output.mkdir(parents=True, exist_ok=True)
    for name, product in (result.products.files if result.products else {}).items():
        atomic.copy(product.path, output / name)
