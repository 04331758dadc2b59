"""Builds each target of a release with one Go, and compares its files with the posted ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from samego.errors import BuildError
from samego.model.release import Target
from samego.rebuild import target_control
from samego.rebuild.compare_files import Comparer, keep_reproduced
from samego.rebuild.estimate import TARGET_SECONDS, Pace
from samego.rebuild.founded import ControlMeans, controlled, founded
from samego.rebuild.host_build import HostBuild
from samego.rebuild.results import TargetResult
from samego.rebuild.source import ReleaseSource
from samego.rebuild.targets import Products, build_target
from samego.system.progress import Progress, expected


@dataclass(frozen=True, slots=True)
class TargetBuilds:
    """The targets of a release, and what builds and compares them.

    ``host`` is the release's own Go, built for ``native``, this machine's target. What is built
    goes below ``directory``; files that are upstream's are kept below ``reproduced``. ``jobs``
    targets are built at the same time. ``control`` is that of RebuildOptions. No build goes on
    once ``stop`` is set.
    """

    source: ReleaseSource
    host: HostBuild
    native: Target
    targets: Sequence[Target]
    comparer: Comparer
    directory: Path
    reproduced: Path
    jobs: int
    control: bool
    progress: Progress
    pace: Pace
    stop: threading.Event

    def results(self) -> Iterator[TargetResult]:
        """Build and compare each target, in their order. A build that fails is a result."""
        for target, built in self._each():
            if isinstance(built, BuildError):
                self.progress.note(f"{target}: failed to build")
                yield TargetResult(target, (), None, built.message)
                continue
            self.progress.stage(f"comparing {target}")
            files = self.comparer.compare(target, built.files)
            for file in files:
                if file.name in built.files:  # an installer is not
                    keep_reproduced(file, built.files[file.name], self.reproduced)
            means = ControlMeans(
                self.native, self._rebuilt, self.comparer.compare, self._install_doubt
            )
            result = founded(TargetResult(target, files, built, ""), means)
            if self.control:
                result = controlled(result, means)
            self.progress.note(f"{target}: {result.verdict.value} ({built.cpu:.0f} s of CPU)")
            yield result

    def _each(self) -> Iterator[tuple[Target, Products | BuildError]]:
        """Build the targets, ``jobs`` at the same time; none goes on when the run ends."""
        if self.jobs == 1:
            yield from ((target, self._built(target)) for target in self.targets)
            return
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                pending = [pool.submit(self._built, target) for target in self.targets]
                for target, future in zip(self.targets, pending, strict=True):
                    yield target, future.result()
            except BaseException:
                self.stop.set()
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _built(self, target: Target) -> Products | BuildError:
        number = self.targets.index(target) + 1
        self.progress.stage(
            f"building {self.source.release} for {target}"
            f" ({number} of {len(self.targets)}, {self.pace.summary})"
        )
        self.progress.advance(number - 1, len(self.targets))
        try:
            with self._expected(TARGET_SECONDS):
                built = build_target(
                    self.source,
                    self.host,
                    target,
                    self.directory,
                    with_source=number == 1,
                    stop=self.stop,
                )
        except BuildError as error:
            return error
        if built.fresh:
            self.pace.built(TARGET_SECONDS)
        return built

    def _expected(self, seconds: float) -> AbstractContextManager[None]:
        """Show how far one build is, by the clock; several at once show how many are done."""
        if self.jobs > 1:
            return nullcontext()
        return expected(self.progress, self.pace.wall(seconds))

    # -- what decides whether a difference counts

    def _rebuilt(self, target: Target, whole: bool) -> Products:  # noqa: FBT001 - ControlMeans calls it so
        how = "by its own make.bash" if whole else "as the control"
        self.progress.stage(f"building {self.source.release} for {target}, {how}")
        return build_target(
            self.source,
            self.host,
            target,
            self.directory,
            with_source=False,
            whole=whole,
            stop=self.stop,
        )

    def _install_doubt(self) -> str:
        self.progress.stage(f"installing {self.source.release} for {self.native}, as the control")
        return target_control.install_doubt(self.source, self.host, self.directory, self.stop)
