"""The lines below the verdict: what a maintainer must look at first, if anything.

Two cases are distinguished. Executables that follow from the package's sources are as good as
those sources: a reader of the few lines that differ knows all. Executables that do not
follow from them are the alarm.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from samego.compare import identity
from samego.model.finding import Finding, Side
from samego.model.places.files import Lines
from samego.model.proof import Standing
from samego.report.summary import Summary
from samego.report.words import amount
from samego.rules import reference_build
from samego.system.terminal import visible
from samego.words.findings import cause_of, short_where_of

#: Columns of the line that shows what to read: wider than a report, to hold a few lines.
_WIDTH = 160


def lead(summary: Summary) -> tuple[str, ...]:
    """A few lines; none where all is of one release and no executable rests on the unexplained."""
    return (*_contradictions(summary.report.findings), *_executable_lines(summary))


def _contradictions(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Where a package calls itself another release than it holds."""
    found = [finding for finding in findings if finding.kind == identity.KIND]
    if not found:
        return ()
    more = f" (and {amount(len(found) - 1, 'more contradiction')})" if len(found) > 1 else ""
    return (f"NOT WHAT IT SAYS: {visible(cause_of(found[-1]))}{more}",)


def _executable_lines(summary: Summary) -> tuple[str, ...]:
    """At most two lines; none where no executable rests on anything unexplained."""
    report = summary.report
    alarms = [finding for finding in report.findings if is_alarm(finding)]
    if alarms:
        what = _executables([finding.path for finding in alarms])
        verb = "does" if len(alarms) == 1 else "do"
        return (
            f"ALARM: {what} {verb} not follow from the package's own sources and settings",
            _shortened(f"  {visible(alarms[0].path)}: {visible(short_where_of(alarms[0]))}"),
        )
    roots = _roots(summary)
    if not roots:
        # Where upstream's build is not reproducible, they differ in every package.
        return _unaccounted(report.findings) if report.subject.release.reproducible else ()
    root, followers = roots[0]
    what = _executables([finding.path for finding in followers])
    proven = all(finding.rule == reference_build.NAME for finding in followers)
    verb = "follow" if proven else "seem to follow"
    if len(followers) == 1:
        verb = "follows" if proven else "seems to follow"
    sentence = f"{what} {verb} from {visible(root.path)}, which nothing accounts for"
    more = f" (and {amount(len(roots) - 1, 'more root cause')})" if len(roots) > 1 else ""
    return (f"{sentence}{_reading(root.lines)}{more}", _shortened(f"  {_changed(root)}"))


def is_alarm(finding: Finding) -> bool:
    """Whether a rebuild from the package's own sources gave another executable."""
    return finding.standing is Standing.UNEXPLAINED and finding.rule == reference_build.NAME


def _unaccounted(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Executables that nothing accounts for, where no rebuild was run."""
    found = [
        finding
        for finding in findings
        if finding.kind == "elf"
        and finding.side is Side.BOTH
        and finding.standing is Standing.UNEXPLAINED
    ]
    if not found:
        return ()
    what = _executables([finding.path for finding in found])
    first = found[0]
    verb = "differs" if len(found) == 1 else "differ"
    return (
        f"{what} {verb}, and nothing in the package accounts for it",
        _shortened(f"  {visible(first.path)}: {visible(short_where_of(first) or cause_of(first))}"),
    )


def _roots(summary: Summary) -> list[tuple[Finding, list[Finding]]]:
    """Unexplained findings that executables follow from, those with most of them first."""
    by_path = {finding.path: finding for finding in summary.report.findings}
    found = []
    for cause in summary.roots:
        followers = [by_path[path] for path in cause.followers if by_path[path].kind == "elf"]
        if by_path[cause.path].standing is Standing.UNEXPLAINED and followers:
            found.append((by_path[cause.path], followers))
    return sorted(found, key=lambda item: (-len(item[1]), item[0].path))


def _executables(paths: Sequence[str]) -> str:
    first = visible(min(paths))
    if len(paths) == 1:
        return first
    return f"{first} and {amount(len(paths) - 1, 'more executable')}"


def _reading(lines: Lines | None) -> str:
    """How many lines there are to read; nothing where the difference is not of lines."""
    if lines is None:
        return ""
    number = lines.to_read
    return f": read {'this line' if number == 1 else f'these {number:,} lines'}"


def _changed(finding: Finding) -> str:
    """The changed lines, one after the other; else where it differs."""
    lines = finding.lines
    if lines is None or not lines.changed:
        return visible(short_where_of(finding)) or "see below"
    shown = [f"{line[0]} {visible(' '.join(line[1:].split()))}" for line in lines.changed]
    return " | ".join([*shown, *([] if lines.whole else ["..."])])


def _shortened(text: str) -> str:
    """A text in one line of bounded width."""
    line = text.partition("\n")[0].rstrip()
    if len(line) <= _WIDTH:
        return line
    return "  " + textwrap.shorten(line, _WIDTH - 2, placeholder=" ...", break_on_hyphens=False)
