"""The lines below the verdict: what a maintainer must look at first, if anything.

Two worlds are told apart. Executables that follow from the package's sources are as good as
those sources: whoever reads the few lines that differ knows all. Executables that do not
follow from them are the alarm.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from samego.compare import identity
from samego.compare.verdict import root_causes
from samego.model.finding import Finding, Side
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report.words import amount
from samego.rules import reference_build
from samego.system.terminal import visible

#: Columns of the line that shows what to read: wider than a report, to hold a few lines.
_WIDTH = 160
_HEAD = re.compile(r"from line (\d+) on: (?:(\d+) lines?|nothing), .*?(?:(\d+) lines?|nothing)$")
#: No such line is longer. A report may be somebody else's: what is longer is not searched.
_LONGEST_HEAD = 200
_CUT = "... "


def lead(report: Report) -> tuple[str, ...]:
    """A few lines; none where all is of one release and no executable rests on the unexplained."""
    return (*_contradictions(report.findings), *_executable_lines(report))


def _contradictions(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Where a package calls itself another release than it holds."""
    found = [finding for finding in findings if finding.kind == identity.KIND]
    if not found:
        return ()
    more = f" (and {amount(len(found) - 1, 'more contradiction')})" if len(found) > 1 else ""
    return (f"NOT WHAT IT SAYS: {visible(found[-1].cause)}{more}",)


def _executable_lines(report: Report) -> tuple[str, ...]:
    """At most two lines; none where no executable rests on anything unexplained."""
    alarms = [finding for finding in report.findings if is_alarm(finding)]
    if alarms:
        what = _executables([finding.path for finding in alarms])
        verb = "does" if len(alarms) == 1 else "do"
        return (
            f"ALARM: {what} {verb} not follow from the package's own sources and settings",
            _shortened(f"  {visible(alarms[0].path)}: {visible(alarms[0].where)}"),
        )
    roots = _roots(report.findings)
    if not roots:
        return _unaccounted(report.findings)
    root, followers = roots[0]
    what = _executables([finding.path for finding in followers])
    proven = all(finding.rule == reference_build.NAME for finding in followers)
    verb = "follow" if proven else "seem to follow"
    if len(followers) == 1:
        verb = "follows" if proven else "seems to follow"
    sentence = f"{what} {verb} from {visible(root.path)}, which nothing accounts for"
    more = f" (and {amount(len(roots) - 1, 'more root cause')})" if len(roots) > 1 else ""
    return (f"{sentence}{_reading(root.where)}{more}", _shortened(f"  {_changed(root.where)}"))


def is_alarm(finding: Finding) -> bool:
    """Whether an executable came out different when it was rebuilt from its own sources."""
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
    verb = "differs" if len(found) == 1 else "differ"
    return (
        f"{what} {verb}, and nothing in the package accounts for it",
        _shortened(f"  {visible(found[0].path)}: {visible(found[0].where or found[0].cause)}"),
    )


def _roots(findings: Sequence[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Unexplained findings that executables follow from, those with most of them first."""
    by_path = {finding.path: finding for finding in findings}
    found = []
    for cause in root_causes(findings):
        followers = [by_path[path] for path in cause.followers if by_path[path].kind == "elf"]
        if by_path[cause.path].standing is Standing.UNEXPLAINED and followers:
            found.append((by_path[cause.path], followers))
    return sorted(found, key=lambda item: (-len(item[1]), item[0].path))


def _executables(paths: Sequence[str]) -> str:
    first = visible(min(paths))
    if len(paths) == 1:
        return first
    return f"{first} and {amount(len(paths) - 1, 'more executable')}"


def _reading(where: str) -> str:
    """How many lines there are to read; nothing where the difference is not of lines."""
    changed = _lines(where)
    if changed and not _is_cut(where):
        number = len(changed)
    elif match := _head(where):
        number = int(match[2] or 0) + int(match[3] or 0)
    else:
        return ""
    return f": read {'this line' if number == 1 else f'these {number:,} lines'}"


def _changed(where: str) -> str:
    """The changed lines, one after the other; else where it differs."""
    changed = _lines(where)
    if not changed:
        return visible(where.partition("\n")[0]) or "see below"
    shown = [f"{line[0]} {visible(' '.join(line[1:].split()))}" for line in changed]
    return " | ".join([*shown, *(["..."] if _is_cut(where) else [])])


def _is_cut(where: str) -> bool:
    """Whether a diff ends with the number of lines that it does not show."""
    return where.rpartition("\n")[2].startswith(_CUT)


def _lines(where: str) -> list[str]:
    """The changed lines of a short diff (samego.compare.where_text)."""
    _, _, diff = where.partition("\n")
    if _head(where) is None:
        return []
    return [line for line in diff.split("\n") if line[:1] in "+-" and line]


def _head(where: str) -> re.Match[str] | None:
    """The first line of a short diff, which says how many lines there are; None for others."""
    head = where.partition("\n")[0]
    return _HEAD.match(head) if len(head) <= _LONGEST_HEAD else None


def _shortened(text: str) -> str:
    """A text in one line of bounded width."""
    line = text.partition("\n")[0].rstrip()
    if len(line) <= _WIDTH:
        return line
    return "  " + textwrap.shorten(line, _WIDTH - 2, placeholder=" ...", break_on_hyphens=False)
