"""What a run says of each path, as little as adding up runs on the same bytes needs."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from samego.compare.verdict import breaking
from samego.compare.waivers import waived
from samego.model.finding import Effect, Finding, Side
from samego.model.proof import Standing
from samego.model.report import Report
from samego.monitor.history.order import natural
from samego.report.own_patches import source_of
from samego.rules import reference_build

_LEVEL = 6


@dataclass(frozen=True)
class Evidence:
    """What one run says.

    ``words`` has a path for each finding. ``left_out`` are the beginnings of paths that were not
    compared: the run says nothing of those. ``source`` tells source packages apart, and is empty
    for a run that had none. ``waived`` are files whose consequences were waived, ``excused`` the
    paths that were. ``samego`` is the version that looked. ``confirmed`` is False where no source
    publishes the checksum of the file used as upstream's.
    """

    words: Mapping[str, Word]
    identical: int
    not_compared: int = 0
    left_out: tuple[str, ...] = ()
    source: str = ""
    breaking: frozenset[str] = frozenset()
    latent: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    samego: str = ""
    confirmed: bool = True

    def looked_at(self, path: str) -> bool:
        """Whether the run compared a path: without a word on it, it is the same on both sides."""
        return not path.startswith(self.left_out)

    def is_of_older(self, other: str) -> bool:
        """Whether an older samego looked than ``other``, which may have looked at less."""
        return natural(self.samego) < natural(other)

    @cached_property
    def rebuilt(self) -> bool:
        """Whether executables were compared with a reference build."""
        return any(word.rebuilt for word in self.words.values())


@dataclass(frozen=True, slots=True)
class Word:
    """What a run says of one path: a finding without its reasons."""

    path: str
    standing: Standing
    side: Side
    kind: str
    rule: str
    rests_on: tuple[str, ...] = field(default=())

    @property
    def rebuilt(self) -> bool:
        """Whether it comes from a build of the package's executables here."""
        return self.rule == reference_build.NAME

    def finding(self) -> Finding:
        """As a finding, for what counts and groups these."""
        return Finding(
            self.path, self.standing, self.side, self.kind, self.rule, (), rests_on=self.rests_on
        )


def evidence_of(report: Report) -> Evidence:
    """What a report says."""
    source = source_of(report)
    return Evidence(
        words={each.path: _word(each) for each in report.findings},
        identical=report.identical,
        not_compared=sum(group.count for group in report.not_compared),
        left_out=tuple(sorted({group.prefix for group in report.not_compared})),
        source=(source.sha256 or source.name) if source else "",
        breaking=frozenset(item.path for item in breaking(report.findings)),
        latent=frozenset(c.path for c in report.consequences if c.effect is Effect.LATENT),
        waived=frozenset(c.path for c in report.consequences if c.waived),
        excused=frozenset(waived(report)),
        samego=report.version,
        confirmed=report.upstream.confirmed,
    )


def _word(finding: Finding) -> Word:
    return Word(
        finding.path,
        finding.standing,
        finding.side,
        finding.kind,
        finding.rule,
        finding.rests_on,
    )


def packed(evidence: Evidence) -> bytes:
    """As the database keeps it."""
    words = [
        [w.path, w.standing.value, w.side.value, w.kind, w.rule, list(w.rests_on)]
        for w in evidence.words.values()
    ]
    data = {
        "words": words,
        "identical": evidence.identical,
        "not_compared": evidence.not_compared,
        "left_out": list(evidence.left_out),
        "source": evidence.source,
        "breaking": sorted(evidence.breaking),
        "latent": sorted(evidence.latent),
        "waived": sorted(evidence.waived),
        "excused": sorted(evidence.excused),
        "samego": evidence.samego,
        "confirmed": evidence.confirmed,
    }
    return zlib.compress(json.dumps(data).encode(), _LEVEL)


def unpacked(data: bytes) -> Evidence:
    """What :func:`packed` made."""
    said = json.loads(zlib.decompress(data))
    return Evidence(
        words={
            path: Word(path, Standing(standing), Side(side), kind, rule, tuple(rests_on))
            for path, standing, side, kind, rule, rests_on in said["words"]
        },
        identical=said["identical"],
        not_compared=said["not_compared"],
        left_out=tuple(said["left_out"]),
        source=said["source"],
        breaking=frozenset(said["breaking"]),
        latent=frozenset(said["latent"]),
        waived=frozenset(said["waived"]),
        excused=frozenset(said.get("excused", ())),
        samego=said["samego"],
        confirmed=said["confirmed"],
    )
