"""Which findings the distro's own patches account for, and which of these reach what runs."""

from __future__ import annotations

from collections.abc import Sequence

from samego.compare.reach import LEFT_OUT
from samego.model.finding import Finding
from samego.model.reach import NOTHING
from samego.rules import patched_source


def is_patched(finding: Finding) -> bool:
    """Whether the distro's own patch is what accounts for a finding."""
    return finding.rule == patched_source.NAME


def patched_and_running(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The paths that own patches changed and that reach something that runs, sorted.

    What an executable rests on runs in it. Where the reach is unknown, it may run.
    """
    built_from = {
        path for finding in findings if finding.kind == "elf" for path in finding.rests_on
    }
    return tuple(
        sorted(
            finding.path
            for finding in findings
            if is_patched(finding) and (_runs(finding) or finding.path in built_from)
        )
    )


def _runs(finding: Finding) -> bool:
    """Whether a finding reaches anything; in a report that does not say what, by its name."""
    if finding.reach is not None:
        return finding.reach != NOTHING
    parts = finding.path.split("/")
    if parts[0] in LEFT_OUT or "testdata" in parts[:-1]:
        return False
    return not parts[-1].endswith(("_test.go", ".md"))
