"""Reports with a rebuild's outcome, for the tests of what trackers read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from samego.model.proof import Standing
from samego.model.release import Release
from samego.model.report import Report
from samego.model.reproduction import (
    Artifact,
    Holder,
    Match,
    MemberDifference,
    Obstacle,
    Reproduction,
)
from samego.model.subject import Package
from samego.report.trackers.build import DatedReport, TrackedBuild, build_of
from support.reports import digest, trixie
from support.words import told

WHEN = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)
FAILED = Reproduction(None, obstacle=Obstacle.BUILD, reason="the build failed")
NO_ENVIRONMENT = Reproduction(None, obstacle=Obstacle.ENVIRONMENT, reason="a package is gone")
NO_TOOL = Reproduction(None, obstacle=Obstacle.TOOL_MISSING, reason="it is not installed")


def debian(version: str = "1.24.4-1", architecture: str = "amd64") -> Report:
    """A report on Debian's golang-1.x of a version and architecture."""
    line = version.rsplit(":", maxsplit=1)[-1][:4]
    parts = (("go", architecture), ("src", "all"), ("doc", "all"))
    packages = tuple(
        Package(f"golang-{line}-{part}", version, arch, digest(f"{part} {version} {arch}"))
        for part, arch in parts
    )
    base = trixie()
    return replace(base, subject=replace(base.subject, packages=packages))


def arch(version: str = "2:1.27.3-1") -> Report:
    """A report on Arch's go."""
    base = trixie()
    package = Package("go", version, "x86_64", digest(version))
    subject = replace(
        base.subject, distro="arch", packages=(package,), release=Release.parse("go1.27.3")
    )
    return replace(base, subject=subject)


def rebuilt(report: Report, *names: str, match: Match = Match.DIFFERENT) -> Report:
    """The report with a rebuild in which the packages of these names match so, others are same."""
    artifacts = tuple(
        Artifact(
            f"{package.name}.file",
            match if package.name in names else Match.SAME,
            package.sha256,
            digest("other") if package.name in names else package.sha256,
        )
        for package in report.subject.packages
    )
    return replace(
        report,
        reproduction=Reproduction(None, artifacts),
        timings={**report.timings, "reproducing": 1234.4},
    )


def with_buildinfo(report: Report) -> Report:
    """The report with a rebuild whose .BUILDINFO differs."""
    assert report.reproduction is not None
    difference = MemberDifference(
        ".BUILDINFO", Holder.BOTH, "text", Standing.UNEXPLAINED, told("the rebuilt file has others")
    )
    artifacts = tuple(
        replace(artifact, compared=True, differences=(difference,))
        for artifact in report.reproduction.artifacts
    )
    return replace(report, reproduction=replace(report.reproduction, artifacts=artifacts))


def build(
    report: Report,
    reproduction: Reproduction | None = None,
    *,
    suite: str = "trixie",
    when: datetime = WHEN,
) -> TrackedBuild:
    """What a tracker knows of a report."""
    if reproduction is not None:
        report = replace(report, reproduction=reproduction)
    return build_of(DatedReport(report, suite, when))
