"""The reasons of a verdict, as values, and their words."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from samego.compare.verdict import confirmed_enough
from samego.model.causes.differences import BytesOf
from samego.model.finding import Finding, Side
from samego.model.proof import Standing
from samego.report.lead import is_alarm
from samego.report.summary import Summary
from samego.report.words import amount
from samego.rules.generated.files import GENERATORS

#: A line has room for this many.
_MOST = 2
#: What a build makes: in these directories, and by these names (src/cmd/dist/build.go, gentab and
#: the headers that install copies; zosarch.go until go1.20).
_MADE, _HEADERS = ("bin/", "pkg/"), "pkg/include/"
_GENERATED = {*GENERATORS, "src/cmd/go/internal/cfg/zosarch.go"}


class ReasonKind(enum.Enum):
    """What a reason is about."""

    ALARM = "alarm"
    OTHER_RELEASE = "other release"
    UNEXPLAINED = "unexplained"
    BREAKS = "breaks"
    PATCHED = "patched"
    UNVERIFIED = "unverified"
    UNCONFIRMED = "unconfirmed"
    REBUILD = "rebuild"
    UNPROVEN = "unproven"
    PROVEN = "proven"
    IDENTICAL = "identical"
    NOT_COMPARED = "not compared"
    NOT_REPRODUCIBLE = "not reproducible"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: how many paths it is about, and how many more rest on them.

    Where upstream's binaries are not reproducible: how many of these, and how many others.
    ``release`` is the other release that files are of.
    """

    kind: ReasonKind
    number: int = 1
    resting: int = 0
    release: str = ""


def reasons(summary: Summary) -> tuple[Reason, ...]:
    """The reasons of the verdict, worst first; as many as fit in a line."""
    report = summary.report
    others = []
    if report.unpatched and summary.running:
        others.append(Reason(ReasonKind.PATCHED, len(summary.running)))
    if not report.upstream.verified:
        others.append(Reason(ReasonKind.UNVERIFIED))
    if not confirmed_enough(report):
        others.append(Reason(ReasonKind.UNCONFIRMED))
    missing = sum(group.count for group in report.not_compared)
    return reasons_of(
        report.findings,
        summary.standings,
        identical=report.identical,
        not_compared=missing if summary.passes else 0,
        broken=len(summary.breaking),
        reproducible=report.subject.release.reproducible,
        others=others,
    )


def reasons_of(
    findings: Sequence[Finding],
    standings: Mapping[str, Standing],
    *,
    identical: int,
    not_compared: int,
    broken: int,
    reproducible: bool,
    others: Sequence[Reason] = (),
) -> tuple[Reason, ...]:
    """The same of findings with their effective standings.

    ``broken`` is how many files break something, ``reproducible`` whether anybody can build the
    release again; ``others`` are reasons that are no finding's.
    """
    at = {standing: _at(findings, standings, standing) for standing in Standing}
    hopeless = [] if reproducible else _not_reproducible(findings, standings)
    found = hopeless or _unexplained(at[Standing.UNEXPLAINED])
    if broken:
        found.append(Reason(ReasonKind.BREAKS, broken))
    found += others
    unproven = at[Standing.UNPROVEN]
    elf = sum(each.kind == "elf" and each.side is not Side.UPSTREAM for each in unproven)
    if elf and not hopeless:
        found.append(Reason(ReasonKind.REBUILD, elf))
    if len(unproven) > elf:
        found.append(Reason(ReasonKind.UNPROVEN, len(unproven) - elf))
    if not found:
        proven = len(findings) - len(unproven) - len(at[Standing.UNEXPLAINED])
        found.append(
            Reason(ReasonKind.PROVEN, proven) if proven else Reason(ReasonKind.IDENTICAL, identical)
        )
    if not_compared:
        found.append(Reason(ReasonKind.NOT_COMPARED, not_compared))
    return tuple(found[:_MOST])


def phrase(reason: Reason) -> str:
    """A reason in words."""
    number, one = reason.number, reason.number == 1
    own = "the package's own sources"
    return {
        ReasonKind.ALARM: f"{amount(number, 'executable')} not built from {own}",
        ReasonKind.OTHER_RELEASE: f"{amount(number, 'file')} of {reason.release}, to the byte",
        ReasonKind.UNEXPLAINED: f"{amount(number, 'path')} that nothing accounts for"
        f"{_resting(reason)}",
        ReasonKind.BREAKS: f"{amount(number, 'file')}"
        f" {'fails a checksum' if one else 'fail checksums'} that this release checks",
        ReasonKind.PATCHED: f"own patches change {amount(number, 'file')} that"
        f" {'runs' if one else 'run'}",
        ReasonKind.UNVERIFIED: "upstream's file is not verified",
        ReasonKind.UNCONFIRMED: "nobody confirms what was rebuilt here",
        ReasonKind.REBUILD: f"{amount(number, 'executable')} need{'s' if one else ''} a rebuild",
        ReasonKind.UNPROVEN: f"{amount(number, 'path')} with a likely cause but no proof",
        ReasonKind.PROVEN: f"{amount(number, 'difference')}, {'' if one else 'each '}proven",
        ReasonKind.IDENTICAL: f"{amount(number, 'path')}, no difference",
        ReasonKind.WAIVED: f"{number:,} waived",
        ReasonKind.NOT_COMPARED: f"{amount(number, 'path')} not compared",
        ReasonKind.NOT_REPRODUCIBLE: "upstream's binaries before go1.21 are not reproducible, so"
        f" {amount(number, 'built file')} {'says' if one else 'say'} nothing; {_others(reason)}",
    }[reason.kind]


def _others(reason: Reason) -> str:
    if not reason.resting:
        return "sources and layout are accounted for"
    return f"of sources and layout nothing accounts for {amount(reason.resting, 'path')}"


def _resting(reason: Reason) -> str:
    if not reason.resting:
        return ""
    verb = "rests" if reason.resting == 1 else "rest"
    return f", and {reason.resting:,} that {verb} on {'it' if reason.number == 1 else 'them'}"


def _not_reproducible(
    findings: Sequence[Finding], standings: Mapping[str, Standing]
) -> list[Reason]:
    """That differing binaries prove nothing, for a release that is not reproducible."""
    unexplained = _at(findings, standings, Standing.UNEXPLAINED)
    open_ = [*unexplained, *_at(findings, standings, Standing.UNPROVEN)]
    built = [each for each in open_ if is_built(each)]
    others = len(unexplained) - sum(standings[each.path] is Standing.UNEXPLAINED for each in built)
    return [Reason(ReasonKind.NOT_REPRODUCIBLE, len(built), others)] if built else []


def is_built(finding: Finding) -> bool:
    """Whether a finding is of what a build makes: an executable or a package archive.

    Headers and generated sources are too where upstream's side is its sources, which lack them.
    """
    if finding.path.startswith(_MADE) and (finding.kind == "elf" or finding.path.endswith(".a")):
        return True
    made = finding.path.startswith(_HEADERS) or finding.path in _GENERATED
    return finding.side is Side.DISTRO and made


def _at(
    findings: Sequence[Finding], standings: Mapping[str, Standing], standing: Standing
) -> Sequence[Finding]:
    return [each for each in findings if standings[each.path] is standing]


def _unexplained(unexplained: Sequence[Finding]) -> list[Reason]:
    """Alarms, then files of other releases, then root causes with how many paths rest on them."""
    own = [finding for finding in unexplained if finding.standing is Standing.UNEXPLAINED]
    alarms = sum(is_alarm(finding) for finding in own)
    found = [Reason(ReasonKind.ALARM, alarms)] if alarms else []
    causes = (cause for finding in own for cause in finding.causes)
    others = Counter(cause.release for cause in causes if isinstance(cause, BytesOf))
    found += [
        Reason(ReasonKind.OTHER_RELEASE, number, release=release)
        for release, number in others.most_common()
    ]
    left = len(own) - alarms - others.total()
    if left:
        rest = len(unexplained) - len(own)
        found.append(Reason(ReasonKind.UNEXPLAINED, left, rest))
    return found
