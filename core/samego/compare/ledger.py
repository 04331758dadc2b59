"""What a comparison has found so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from samego.model.finding import Finding, Uncompared


@dataclass(frozen=True, slots=True)
class Ledger:
    """Findings, and paths that could not be compared, in the order in which they came."""

    findings: list[Finding] = field(default_factory=list)
    uncompared: list[Uncompared] = field(default_factory=list)

    def judged(self, finding: Finding) -> None:
        """Add a finding."""
        self.findings.append(finding)

    def left(self, path: Uncompared) -> None:
        """Add a path that was not compared."""
        self.uncompared.append(path)

    def without_findings(self, findings: Iterable[Finding]) -> tuple[Uncompared, ...]:
        """The paths that were not compared and have no finding of another kind, sorted."""
        named = {finding.path for finding in findings}
        return tuple(
            sorted(
                (each for each in self.uncompared if each.path not in named),
                key=lambda each: each.path,
            )
        )
