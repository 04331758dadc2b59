"""What the formatters for people say of a report, before it is laid out.

Findings are grouped by their effective standing and what decided it, so that a
toolchain's fourteen executables with one cause are one thing to look at.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from samego.compare.verdict import breaking, effective, passes, verdict
from samego.model.finding import Consequence, Effect, Finding, Why
from samego.model.proof import Standing
from samego.model.report import NotCompared, Report
from samego.model.value import Cause
from samego.report import own_patches
from samego.report.reasons import phrase, reasons
from samego.report.words import amount, subject_name, upstream_name
from samego.system.terminal import visible
from samego.upstream.channels.interface import MODULE_LEAVES_OUT
from samego.words import causes

#: The findings of a rule are split by cause when they have no more causes than this.
_CAUSES = 3
#: A list of places has room for this many.
_PLACES = 6
_NOT_GIVEN = Why.PACKAGE_NOT_GIVEN.value
_NOT_UNPACKED = Why.NOT_UNPACKED.value

_RELATIONS = {
    Standing.UNPROVEN: "is not yet proven to be",
    Standing.UNEXPLAINED: "differs from",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one effective standing that were decided alike, sorted by path.

    ``label`` is a phrase for a person. ``roots`` are the paths that these findings owe
    their standing to, where their own is better.
    """

    standing: Standing
    label: str
    findings: tuple[Finding, ...]
    roots: tuple[str, ...] = ()


def sentence(report: Report) -> tuple[str, str, str]:
    """The verdict in one line, in three parts: before, the standing's word, and after it."""
    standing = verdict(report)
    relation = _RELATIONS.get(standing, "is")
    outcome = "passes" if passes(report) else "does not pass"
    reason = "; ".join(map(phrase, reasons(report)))
    built = "" if report.upstream.confirmed else " as rebuilt here, which nobody confirms"
    return (
        f"{subject_name(report)} {relation} {upstream_name(report)}{built}: ",
        standing.value,
        f", {outcome} ({reason}){own_patches.clause(report)}",
    )


def headline(report: Report) -> str:
    """The verdict in one line."""
    return "".join(sentence(report))


def groups(report: Report) -> dict[Standing, tuple[Group, ...]]:
    """The findings of each effective standing in groups, the largest group first."""
    standings = effective(report.findings)
    by_rule: defaultdict[tuple[Standing, str], list[Finding]] = defaultdict(list)
    dragged: defaultdict[Standing, list[Finding]] = defaultdict(list)
    for finding in sorted(report.findings, key=lambda finding: finding.path):
        standing = standings[finding.path]
        if finding.standing is standing:
            by_rule[standing, finding.rule].append(finding)
        else:
            dragged[standing].append(finding)
    result: dict[Standing, list[Group]] = {standing: [] for standing in Standing}
    for (standing, rule), findings in by_rule.items():
        result[standing] += _by_cause(standing, rule, findings)
    for standing, findings in dragged.items():
        roots = _roots(standing, findings, report.findings)
        label = "proven, except what they rest on"
        result[standing].append(Group(standing, label, tuple(findings), roots))
    return {
        standing: tuple(sorted(items, key=lambda group: (-len(group.findings), group.label)))
        for standing, items in result.items()
    }


def ordered_consequences(report: Report) -> tuple[Consequence, ...]:
    """The consequences: those that break first, waived ones after the others."""
    return tuple(
        sorted(
            report.consequences,
            key=lambda item: (item.effect is Effect.LATENT, item.waived, item.path),
        )
    )


def alike(consequences: Sequence[Consequence]) -> list[tuple[Consequence, tuple[str, ...]]]:
    """The first consequence of each kind and pin, with the paths that share them."""
    found: defaultdict[object, list[Consequence]] = defaultdict(list)
    for item in consequences:
        found[item.effect, item.waived, item.side, item.pinned_in].append(item)
    return [(first, tuple(item.path for item in rest)) for first, *rest in found.values()]


def not_compared(report: Report) -> str:
    """What was not compared, and why, in a few sentences; empty without any."""
    left_out = [
        group
        for group in report.not_compared
        if group.prefix in MODULE_LEAVES_OUT and group.why == Why.NO_COUNTERPART.value
    ]
    if report.upstream.source is not None:
        left_out = []
    others = [group for group in report.not_compared if group not in left_out]
    sentences = []
    if left_out:
        sentences.append(
            f"{_places(left_out)}: upstream's module form leaves them out, and no source archive"
            " was available."
        )
    for package in sorted({group.package for group in others if group.why == _NOT_GIVEN}):
        lacking = [g for g in others if (g.why, g.package) == (_NOT_GIVEN, package)]
        name = visible(package) or "another package"
        sentences.append(f"{_places(lacking)}: {name} has them and was not given.")
    withheld = [group for group in others if group.why == _NOT_UNPACKED]
    if withheld:
        sentences.append(f"{_places(withheld)}: the package manager was told not to unpack them.")
    alone = [group for group in others if group.why not in (_NOT_GIVEN, _NOT_UNPACKED)]
    if alone:
        sentences.append(f"{_places(alone)}: no upstream copy is available.")
    if sentences:
        sentences.append("They count neither as a difference nor as a pass.")
    return " ".join(sentences)


def next_steps(report: Report) -> tuple[tuple[str, str], ...]:
    """What would raise the verdict: (what for, command), the command empty for advice."""
    steps: list[tuple[str, str]] = []
    unexplained = [f for f in report.findings if f.standing is Standing.UNEXPLAINED]
    if unexplained:
        what = f"find the cause of the difference in {_paths(unexplained)}"
        steps.append((f"{what}; give a source package with --source", ""))
    commands: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        command = finding.command or (finding.proof.command if finding.proof else "")
        if finding.standing is Standing.UNPROVEN and command:
            commands[command].append(finding)
    for command, findings in sorted(commands.items(), key=lambda item: (-len(item[1]), item[0])):
        steps.append((f"prove {_paths(findings)}", command))
    broken = [consequence.path for consequence in breaking(report.findings)]
    if broken:
        what = visible(broken[0]) if len(broken) == 1 else amount(len(broken), "broken file")
        waivers = " ".join(f"--waive {shlex.quote(path)}" for path in broken)
        them = "it" if len(broken) == 1 else "them"
        purpose = f"report {what} to the maintainer, or accept {them} by name"
        steps.append((purpose, f"samego check ... {waivers}"))
    if not report.upstream.verified:
        steps.append(("verify upstream's file: leave out --allow-unverified, or go online", ""))
    return tuple(steps)


def _places(found: Sequence[NotCompared]) -> str:
    ordered = sorted(found, key=lambda group: (-group.count, group.prefix))
    places = ", ".join(f"{visible(group.prefix)} ({group.count:,})" for group in ordered[:_PLACES])
    if len(ordered) > _PLACES:
        places += f" and {len(ordered) - _PLACES:,} more places"
    return f"{amount(sum(group.count for group in found), 'path')} in {places}"


def _paths(findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return visible(findings[0].path)
    if all(finding.kind == "elf" for finding in findings):
        return f"the {amount(len(findings), 'executable')}"
    return f"the {amount(len(findings), 'path')}"


def _by_cause(standing: Standing, rule: str, findings: Sequence[Finding]) -> list[Group]:
    by_cause: defaultdict[tuple[Cause, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_cause[finding.causes].append(finding)
    if len(by_cause) > _CAUSES and rule:
        label = f"{rule.replace('_', ' ')}, {len(by_cause)} causes"
        return [Group(standing, label, tuple(findings))]
    return [
        Group(
            standing,
            causes.phrase(why) or rule.replace("_", " ") or "no cause known",
            tuple(members),
        )
        for why, members in by_cause.items()
    ]


def _roots(
    standing: Standing, dragged: Sequence[Finding], findings: Sequence[Finding]
) -> tuple[str, ...]:
    """The findings of exactly this own standing that the dragged ones rest on."""
    by_path = {finding.path: finding for finding in findings}
    seen: set[str] = set()
    pending = [path for finding in dragged for path in finding.rests_on]
    roots = set()
    while pending:
        path = pending.pop()
        if path in seen or path not in by_path:
            continue
        seen.add(path)
        if by_path[path].standing is standing:
            roots.add(path)
        pending += by_path[path].rests_on
    return tuple(sorted(roots))
