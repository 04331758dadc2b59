"""What a rebuild found: per bootstrap its steps, per target its files, and who agrees."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from samego.model.release import Release, Target
from samego.model.varied import Varied
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.compare_files import FileResult
from samego.rebuild.compare_members import RebuildOutcome
from samego.rebuild.host_build import HostBuild
from samego.rebuild.plan import Step
from samego.rebuild.targets import Products
from samego.upstream.channels.interface import Posted


class Verdict(enum.Enum):
    """The answer of a target or of a whole run."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    FAILED = "failed_to_build"

    @property
    def exit_status(self) -> int:
        """0: reproduced. 1: differs. 2: it could not be decided, or did not build."""
        return {Verdict.REPRODUCED: 0, Verdict.DIFFERS: 1}.get(self, 2)


@dataclass(frozen=True, slots=True)
class StepResult:
    """One build of the plan; ``host`` is None, and ``error`` says why, when it failed."""

    step: Step
    source: Posted
    host: HostBuild | None
    error: str


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target; ``products`` is None, and ``error`` says why, when it did not build.

    ``doubt`` says why a difference proves nothing: this build method did not give
    upstream's own files where it should have. ``variations`` are what was varied around the
    build, where it was asked for.
    """

    target: Target
    files: tuple[FileResult, ...]
    products: Products | None
    error: str
    doubt: str = ""
    variations: tuple[Varied, ...] = ()

    @property
    def accused(self) -> bool:
        """Whether a file differs in nothing but what was built, and none bears the build out.

        An archive and a module zip of a target hold the same executables: where one is as
        posted, the other one's difference is not the build's.
        """
        differing = [file for file in self.files if file.outcome is RebuildOutcome.DIFFERS]
        return bool(differing) and all(file.only_built for file in differing) and not self.borne_out

    @property
    def borne_out(self) -> bool:
        """Whether a file that holds the toolchain is upstream's."""
        return any(file.outcome.agrees and holds_toolchain(file.name) for file in self.files)

    @property
    def verdict(self) -> Verdict:
        """Reproduced when a toolchain is upstream's, and no file differs from upstream's."""
        if self.products is None:
            return Verdict.FAILED
        if any(result.outcome is RebuildOutcome.DIFFERS for result in self.files):
            return Verdict.UNDECIDED if self.doubt else Verdict.DIFFERS
        if self.borne_out:
            return Verdict.REPRODUCED
        return Verdict.UNDECIDED


@dataclass(frozen=True, slots=True)
class BootstrapResult:
    """What came of one bootstrap; without targets when a step failed."""

    bootstrap: Bootstrap
    steps: tuple[StepResult, ...]
    targets: tuple[TargetResult, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of its targets; failed when a step was."""
        if not self.targets:
            return Verdict.FAILED
        return _worst(target.verdict for target in self.targets)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A whole run. ``complete`` says that whole archives follow from its source."""

    release: Release
    source: Posted
    complete: bool
    bootstraps: tuple[BootstrapResult, ...]
    notes: tuple[str, ...]
    seconds: float
    version: str

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """The files that differ between bootstraps, sorted."""
        seen: dict[str, set[str]] = {}
        for result in self.bootstraps:
            for target in result.targets:
                for file in target.files:
                    seen.setdefault(file.name, set()).add(file.sha256)
        return tuple(sorted(name for name, sums in seen.items() if len(sums) > 1))

    @property
    def agreement(self) -> bool | None:
        """Whether all bootstraps give the same files; None with one, or when some failed."""
        if self.disagreeing:
            return False
        whole = [result for result in self.bootstraps if _built_all(result)]
        return True if len(whole) == len(self.bootstraps) > 1 else None

    @property
    def equivalent(self) -> int:
        """How many files are upstream's but for code signatures or what is around them."""
        return sum(
            file.outcome is RebuildOutcome.EQUIVALENT
            for result in self.bootstraps
            for target in result.targets
            for file in target.files
        )

    @property
    def doubted(self) -> bool:
        """Whether files differ that the way of building may be to blame for."""
        return any(target.doubt for each in self.bootstraps for target in each.targets)

    @property
    def verdict(self) -> Verdict:
        """The worst of its bootstraps; two that disagree differ."""
        if self.disagreeing:
            return Verdict.DIFFERS
        return _worst(result.verdict for result in self.bootstraps)


def holds_toolchain(name: str) -> bool:
    """Whether a file holds a target's toolchain: the source and go.mod are every target's."""
    return not name.endswith((".src.tar.gz", ".mod", ".info"))


def _built_all(result: BootstrapResult) -> bool:
    return bool(result.targets) and all(target.products for target in result.targets)


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    order = (Verdict.REPRODUCED, Verdict.UNDECIDED, Verdict.FAILED, Verdict.DIFFERS)
    return max(verdicts, key=order.index, default=Verdict.UNDECIDED)
