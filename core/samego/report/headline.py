"""What the formatters for people say of a report, before it is laid out."""

from __future__ import annotations

from collections.abc import Sequence

from samego.model.finding import Consequence, Why
from samego.model.proof import Standing
from samego.model.report import NotCompared
from samego.report import own_patches, waived
from samego.report.reasons import phrase, reasons
from samego.report.summary import Summary
from samego.report.words import amount, subject_name, upstream_name
from samego.system.terminal import visible
from samego.upstream.channels.interface import MODULE_LEAVES_OUT
from samego.words import failures

#: A list of places has room for this many.
_PLACES = 6
_NOT_GIVEN = Why.PACKAGE_NOT_GIVEN.value
_NOT_UNPACKED = Why.NOT_UNPACKED.value

_RELATIONS = {
    Standing.UNPROVEN: "is not yet proven to be",
    Standing.UNEXPLAINED: "differs from",
}


def sentence(summary: Summary) -> tuple[str, str, str]:
    """The verdict in one line, in three parts: before, the standing's word, and after it."""
    report, standing = summary.report, summary.verdict
    relation = _breaks(summary.breaking) + _RELATIONS.get(standing, "is")
    reason = "; ".join(map(phrase, reasons(summary)))
    built = "" if report.upstream.confirmed else " as rebuilt here, which nobody confirms"
    return (
        f"{subject_name(report)} {relation} {upstream_name(report)}{built}: ",
        standing.value,
        f", {waived.outcome(summary)} ({reason}){own_patches.clause(summary.patches)}",
    )


def _breaks(found: Sequence[Consequence]) -> str:
    """That something breaks, before anything else is said; empty where nothing does."""
    named = list(dict.fromkeys(filter(None, (failures.broken(each.failure) for each in found))))
    if not found:
        return ""
    if not named:
        return f"breaks {amount(len(found), 'checksum')}, and "
    more = f" and {len(named) - 1} more" if len(named) > 1 else ""
    return visible(f"breaks '{named[0]}'{more}, and ")


def headline(summary: Summary) -> str:
    """The verdict in one line."""
    return "".join(sentence(summary))


def not_compared(summary: Summary) -> str:
    """What was not compared, and why, in a few sentences; empty without any."""
    report = summary.report
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
        sentences.append(
            f"{_places(withheld)}: the package manager is configured not to unpack them."
        )
    alone = [group for group in others if group.why not in (_NOT_GIVEN, _NOT_UNPACKED)]
    if alone:
        sentences.append(f"{_places(alone)}: no upstream copy is available.")
    if sentences:
        sentences.append("They count neither as a difference nor as a pass.")
    return " ".join(sentences)


def _places(found: Sequence[NotCompared]) -> str:
    ordered = sorted(found, key=lambda group: (-group.count, group.prefix))
    places = ", ".join(f"{visible(group.prefix)} ({group.count:,})" for group in ordered[:_PLACES])
    if len(ordered) > _PLACES:
        places += f" and {len(ordered) - _PLACES:,} more places"
    return f"{amount(sum(group.count for group in found), 'path')} in {places}"
