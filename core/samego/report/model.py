"""The report: what one run found, as plain values. Schema ``samego.report/1``.

Every formatter and tracker starts from this alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from samego.compare.finding import Consequence, Finding
from samego.distro import Subject
from samego.rules.base import Standing, Tool
from samego.upstream.channel import Verification

SCHEMA = "samego.report/1"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where upstream's side came from and how it was verified.

    ``source`` describes the source archive that filled in what the binary form leaves
    out, or is None.
    """

    channel: str
    url: str
    sha256: str
    verified: tuple[Verification, ...]
    source: Upstream | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. ``timings`` are wall seconds by stage; ``inputs`` as declared."""

    subject: Subject
    upstream: Upstream
    findings: tuple[Finding, ...]
    identical: int
    not_compared: tuple[str, ...]
    required: Standing
    inputs: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    version: str = ""

    @property
    def consequences(self) -> tuple[Consequence, ...]:
        """Every finding's consequences, in the findings' order."""
        return tuple(item for finding in self.findings for item in finding.consequences)
