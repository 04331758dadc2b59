"""What builds need, and whether this machine has it: sources, bootstraps, other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from samego.config import Config
from samego.errors import BuildError, NetworkError, NotPostedError
from samego.inputs.experiment import MEMORY, Experiment, Laboratory, moved_clock, unpacked
from samego.inputs.kept import DIRECTORY
from samego.inputs.real_input import RealInput
from samego.inputs.script import Job
from samego.inputs.surroundings import Surroundings
from samego.inputs.variation import variations
from samego.model.release import Release, Target
from samego.model.tree import Tree
from samego.rebuild.bootstrap import UPSTREAM, Bootstrap, candidates, from_tree, tree_digest
from samego.rebuild.find_bootstrap import Finder
from samego.rebuild.host_build import digest_of
from samego.rebuild.run import REBUILD_DIRECTORY
from samego.rebuild.source import ReleaseSource
from samego.rebuild.sources import Sources, announced_releases
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: Hosts whose tools another one runs as its own.
_OTHER_HOST = {Target("linux", "amd64"): Target("linux", "386")}
_MEMORY_FILE = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class InputsOptions:
    """What to try. See ``samego inputs --help``.

    ``bootstraps`` are the plain build's and the varied one's; an empty one is upstream's own
    choice, or another of upstream's releases. ``without`` names variations to leave out.
    ``inputs`` asks for the things that are inputs as well, each varied alone.
    """

    release: Release
    targets: tuple[Target, ...] = ()
    program: str = ""
    source: str = ""
    bootstraps: tuple[str, str] = ("", "")
    without: frozenset[str] = frozenset()
    inputs: bool = False
    config: Config = field(default_factory=Config)


class Workshop:
    """One run's builds, and what they are made of."""

    def __init__(
        self, options: InputsOptions, progress: Progress, opener: Opener, upstream: UpstreamFiles
    ) -> None:
        self.options = options
        self.progress = progress
        self.opener = opener
        self.upstream = upstream
        self._host = host_target()
        self.directory = options.config.cache_directory / DIRECTORY
        self._sources = Sources(
            options.release, options.source, upstream, opener, self._host, progress
        )
        self._toolchains: dict[Target, Posted] = {}

    @cached_property
    def plain_bootstrap(self) -> Bootstrap:
        """What builds the first compiler of the plain build."""
        if self.options.program:
            return self._toolchain()
        return self._find(self.options.bootstraps[0] or UPSTREAM)

    @cached_property
    def other_bootstrap(self) -> Bootstrap:
        """What builds the first compiler of the varied build; the same one if there is no other."""
        if self.options.program:
            return self.plain_bootstrap
        if self.options.bootstraps[1]:
            return self._find(self.options.bootstraps[1])
        plain = self.plain_bootstrap.version
        for release in candidates(self.options.release, announced_releases()):
            if plain is None or release.minor != plain.minor:
                with suppress(NetworkError, NotPostedError):
                    return self._find(str(release))
        return self.plain_bootstrap

    def _find(self, name: str) -> Bootstrap:
        self.progress.stage(f"looking for the bootstrap {name}")
        config = self.options.config
        directory = config.cache_directory / REBUILD_DIRECTORY
        finder = Finder(directory, config, self.upstream, self.opener, self._host)
        return finder.find(name, self.options.release, announced_releases(), self.progress)

    def _toolchain(self) -> Bootstrap:
        """Upstream's posted toolchain of the release itself, for this machine."""
        posted, tree = self._posted(self._host), self.posted_tree(self._host)
        origin = f"upstream's {self.options.release} for {self._host} (sha256 {posted.sha256})"
        directory = self.options.config.cache_directory / REBUILD_DIRECTORY
        return from_tree(tree, directory, name=UPSTREAM, origin=origin, key=posted.sha256)

    def posted_tree(self, target: Target) -> Tree:
        """Upstream's posted toolchain of the release, for a target."""
        return self.opener.open(self._posted(target))

    def _posted(self, target: Target) -> Posted:
        if target not in self._toolchains:
            found = self.upstream.fetch(self.options.release, target)
            self._toolchains[target] = found.posted
        return self._toolchains[target]

    # -- what can be varied here

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """The variations that cannot be made here, and why."""
        found = dict.fromkeys(self.options.without, "left out on request")
        if _free_memory() < MEMORY:
            found["file_system"] = "the machine has too little memory for a file system in it"
        if self.options.program:
            found["bootstrap"] = "a program is built by the posted toolchain"
        elif "bootstrap" not in found and self.other_bootstrap == self.plain_bootstrap:
            found["bootstrap"] = "no other bootstrap at hand"
        if why := self._host_unavailable():
            found["host_arch"] = why
        else:
            try:
                moved_clock(self._tree)
            except BuildError as error:
                found["time"] = error.message
        for name, variation in variations().items():
            missing = [each for each in variation.requires if each in found]
            if missing and name not in found:
                found[name] = f"{missing[0]} is not varied"
        return found

    def _host_unavailable(self) -> str:
        if self._host in _OTHER_HOST:
            return ""
        return f"{self._host} runs no other architecture's programs as its own"

    def source(self) -> ReleaseSource:
        """The release's source. Raises what Sources.get raises."""
        return self._sources.get(self.options.release)

    def build(self, target: Target, varied: frozenset[str], real: RealInput | None) -> Experiment:
        """Build a target with these varied, and with another real input where one is given.

        Raises what Laboratory.run raises.
        """
        host = _OTHER_HOST[self._host] if "host_arch" in varied else self._host
        bootstrap = self.other_bootstrap if "bootstrap" in varied else self.plain_bootstrap
        job = self._job(host, target)
        if real is not None:
            edits = {real.edit.path: real.edit.apply(job.tree)} if real.edit is not None else {}
            job = replace(job, settings=real.settings, edits=edits)
        return self._laboratory.run(job, bootstrap, Surroundings(varied))

    def look(self, target: Target) -> Experiment:
        """What the probe sees where nothing is varied: nothing is built.

        Raises what Laboratory.run raises.
        """
        job = replace(self._job(self._host, target), look=True)
        return self._laboratory.run(job, self.plain_bootstrap, Surroundings(frozenset()))

    def _job(self, host: Target, target: Target) -> Job:
        return Job(
            self._tree, self._host, host, target, self.options.program, complete=self._complete
        )

    @cached_property
    def _laboratory(self) -> Laboratory:
        tree = self._tree
        return Laboratory(self.directory, unpacked(tree, self.directory, _key(tree)))

    @property
    def _complete(self) -> bool:
        return not self.options.program and self._sources.get(self.options.release).complete

    @cached_property
    def _tree(self) -> Tree:
        """What is built from."""
        if self.options.program:
            return self.posted_tree(self._host)
        return self._sources.get(self.options.release).tree


def _key(tree: Tree) -> str:
    return digest_of(tree_digest(tree))


def _free_memory() -> int:
    """Bytes of memory that can be had (proc_meminfo(5)); none where that is not said."""
    with suppress(OSError), _MEMORY_FILE.open(encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
