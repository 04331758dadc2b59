"""What a tracker knows of one report: a source package on one architecture of one suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samego.distro.naming import Naming, naming_of
from samego.errors import InputError
from samego.model.report import Report
from samego.model.reproduction import Match, Outcome, Reproduction
from samego.model.subject import Package

#: Architectures of packages that are for every machine.
_ALL = ("all", "any")
#: The stage of a report's timings that rebuilt the packages.
_STAGE = "reproducing"


@dataclass(frozen=True, slots=True)
class DatedReport:
    """A report with facts that it does not contain: its suite, and when it was made (UTC)."""

    report: Report
    suite: str
    when: datetime


@dataclass(frozen=True, slots=True)
class TrackedBuild:
    """One source package on one architecture of one suite, and what a rebuild of it gave.

    ``order`` orders versions as the distro does; ``seconds`` is what the rebuild took.
    """

    naming: Naming
    source: str
    version: str
    order: Any
    architecture: str
    suite: str
    when: datetime
    seconds: int
    packages: tuple[Package, ...]
    reproduction: Reproduction | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What is one thing to a tracker: newer versions replace older ones."""
        return self.source, self.suite, self.architecture

    def outcome_of(self, package: Package) -> Outcome | None:
        """The rebuild's outcome for one package; None where there was no rebuild."""
        if self.reproduction is None:
            return None
        name = self.naming.file_name(package)
        for artifact in self.reproduction.artifacts:
            if artifact.name == name or (package.sha256 and artifact.shipped == package.sha256):
                if artifact.match is Match.SAME:
                    return Outcome.SAME
                undecided = artifact.match in (Match.ABSENT, Match.ALTERED)
                return Outcome.INCOMPLETE if undecided else Outcome.DIFFERENT
        ran = self.reproduction.outcome in (Outcome.FAILED, Outcome.NOT_RUN)
        return self.reproduction.outcome if ran else Outcome.INCOMPLETE


def main_package(packages: Sequence[Package]) -> Package:
    """The package that says what a build is of: one for its architecture, where there is one."""
    return next((each for each in packages if each.architecture not in _ALL), packages[0])


def build_of(given: DatedReport) -> TrackedBuild:
    """What a tracker knows of a report.

    Raises InputError for a report on something that is no package, or for a distro whose
    plugin is not installed.
    """
    report = given.report
    packages = report.subject.packages
    naming = naming_of(report.subject.distro)
    if not packages:
        raise InputError(
            "the report names no packages, which a tracker needs",
            hint="give a report on packages",
        )
    main = main_package(packages)
    source = naming.source(main)
    return TrackedBuild(
        naming=naming,
        source=source.name,
        version=source.version,
        order=naming.version_key(source.version),
        architecture=main.architecture,
        suite=given.suite,
        when=given.when,
        seconds=round(report.timings.get(_STAGE, 0)),
        packages=packages,
        reproduction=report.reproduction,
    )
