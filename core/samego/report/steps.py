"""What would raise a verdict, each with a command that runs as it stands.

A command asks the same as the check did (``asked.command``), with one thing more. Files are named
as seen from their own directory: there it is to be run.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence

from samego.distro.naming import fetching_of
from samego.model.finding import Finding
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report import own_patches
from samego.report.summary import Summary
from samego.report.trackers.bug import FORMATS
from samego.report.words import amount
from samego.system.terminal import visible

#: Where a step has a report written that its second half reads.
_REPORT = "report.json"
#: Bounds the command line that accepts what breaks.
_WAIVED = 8


def next_steps(summary: Summary) -> tuple[tuple[str, str], ...]:
    """What would raise the verdict: (what for, command). Nothing is asked of what is waived.

    The command is empty where the report does not say what was asked.
    """
    report = summary.report
    open_ones = [each for each in report.findings if each.path not in summary.waived]
    return (
        *_broken(summary),
        *_unexplained(report, open_ones),
        *_unproven(open_ones),
        *_unverified(report),
    )


def _last(path: str) -> str:
    """A path as the last word of a command line: one may begin as an option does."""
    return f"-- {shlex.quote(path)}" if path.startswith("-") else shlex.quote(path)


def _option(name: str, path: str) -> tuple[str, ...]:
    return (f"{name}={path}",) if path.startswith("-") else (name, path)


def _again(report: Report, more: str) -> str:
    """The command that asks the same, with more words; empty where nobody knows it."""
    asked = report.asked.command if report.asked is not None else ""
    return f"{asked} {more}".rstrip() if asked else ""


def _broken(summary: Summary) -> Iterator[tuple[str, str]]:
    report = summary.report
    paths = list(dict.fromkeys(each.path for each in summary.breaking))
    if not paths:
        return
    what = visible(paths[0]) if len(paths) == 1 else amount(len(paths), "broken file")
    form = FORMATS.get(report.subject.distro)
    if form:
        text = _again(report, f"--format {form}")
        yield f"report {what} to the maintainer: this writes the text of the report", text
    elif report.subject.distro != "none":
        yield f"report {what} to the maintainer", _again(report, "--format markdown")
    if len(paths) <= _WAIVED:
        them = "it" if len(paths) == 1 else "them"
        waivers = " ".join(shlex.join(_option("--waive", path)) for path in paths)
        yield f"or accept {them} by name (--waive)", _again(report, waivers)


def _unexplained(report: Report, findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    unexplained = [f for f in findings if f.standing is Standing.UNEXPLAINED]
    if not unexplained:
        return
    if own_patches.source_of(report) is None:
        fetching = fetching_of(report.subject)
        if fetching is not None:
            yield "fetch the source package, which says what was patched", fetching.command
            with_source = _again(report, f"--source {shlex.quote(fetching.file)}")
            if with_source:
                yield "and check with it", with_source
    again = _again(report, f"--format json -o {_REPORT}")
    command = f"{again}; samego explain {_REPORT} {_last(unexplained[0].path)}" if again else ""
    yield f"find the cause of the difference in {_paths(unexplained)}", command
    for command, given in _commands(unexplained):
        yield f"try what may have made {_paths(given)} another", command


def _unproven(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    unproven = [f for f in findings if f.standing is Standing.UNPROVEN]
    for command, given in _commands(unproven):
        yield f"prove {_paths(given)}", command


def _commands(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """The commands of findings, that of most first."""
    commands: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.command:
            commands[finding.command].append(finding)
    return sorted(commands.items(), key=lambda item: (-len(item[1]), item[0]))


def _unverified(report: Report) -> Iterator[tuple[str, str]]:
    if not report.upstream.verified:
        yield "verify upstream's file, online and without --allow-unverified", _again(report, "")


def _paths(findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return visible(findings[0].path)
    if all(finding.kind == "elf" for finding in findings):
        return f"the {amount(len(findings), 'executable')}"
    return f"the {amount(len(findings), 'path')}"
