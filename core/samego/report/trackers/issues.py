"""What of a report does not pass, one by one: the form that code scanners and CI servers read.

What passes is no issue, but for what is latent, and neither is what was waived: GitHub shows
every result that it is given as an open alert, whatever the result says of itself.
"""

from __future__ import annotations

import enum
import hashlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from samego.compare.verdict import breaking, confirmed_enough
from samego.errors import SamegoError
from samego.model.finding import Finding, Side
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report.lead import is_alarm
from samego.report.reproduction import headline
from samego.report.summary import Summary
from samego.report.trackers.statuses import word
from samego.report.words import subject_name
from samego.system.terminal import visible
from samego.words import failures
from samego.words.findings import cause_of, where_of


class IssueKind(enum.Enum):
    """What is wrong, the worst first. Its texts are in ``issues.toml``."""

    BREAKS = "breaks"
    ALARM = "alarm"
    UNEXPLAINED = "unexplained"
    UNDECIDED = "undecided"
    UNVERIFIED = "unverified"
    UNCONFIRMED = "unconfirmed"
    PATCHED = "patched"
    REBUILD = "rebuild"
    UNPROVEN = "unproven"
    PROVEN = "proven"
    REPRODUCTION = "reproduction"
    LATENT = "latent"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that does not pass, or that is latent.

    ``path`` is where it lies in the package, without a slash at its begin; GOROOT's where it is
    about the whole, and empty where that is not known. ``line`` is the first line that differs,
    from 1, None where no text differs. ``text`` says what is wrong; ``where`` more of that, in
    one or several lines; ``command`` shows or decides it. The last two may be empty.
    """

    kind: IssueKind
    path: str
    text: str
    line: int | None = None
    where: str = ""
    command: str = ""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked; ``place`` says where it lies, where several toolchains were looked for."""

    summary: Summary
    place: str = ""

    @property
    def name(self) -> str:
        """What was checked, in few words."""
        name = subject_name(self.summary.report)
        return f"{visible(self.place)}: {name}" if self.place else name


@dataclass(frozen=True, slots=True)
class Undecided:
    """What could not be decided: its name, and why not."""

    name: str
    error: SamegoError


def meets_bar(summary: Summary, finding: Finding) -> bool:
    """Whether a path passes: its standing is what the report requires, and it breaks nothing.

    What is waived, or fails for what is waived alone, passes.
    """
    return finding.path not in summary.failing


def issues(summary: Summary) -> tuple[Issue, ...]:
    """All that does not pass, by path."""
    return (*_of_the_whole(summary), *_of_paths(summary))


def of_undecided(undecided: Undecided) -> Issue:
    """The one issue of what could not be decided."""
    return Issue(IssueKind.UNDECIDED, "", str(undecided.error))


def fingerprint(checked: Checked, issue: Issue) -> str:
    """What stays the same while an issue stays, in hex: also in the package's next version."""
    subject = checked.summary.report.subject
    names = [package.name for package in subject.packages] or [subject.goroot]
    of = (subject.distro, checked.place, *sorted(names), str(subject.target))
    parts = (*of, issue.path, issue.kind.value)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _of_the_whole(summary: Summary) -> Iterator[Issue]:
    report = summary.report
    goroot = report.subject.goroot.strip("/")
    if not report.upstream.verified:
        yield Issue(IssueKind.UNVERIFIED, goroot, "Upstream's file is not verified.")
    if not confirmed_enough(report):
        text = "Upstream's file was rebuilt here, and nobody confirms it."
        yield Issue(IssueKind.UNCONFIRMED, goroot, text)
    if word("junit", report.reproduction) in {"failure", "error"} and report.reproduction:
        given = report.reproduction
        # What was run is told; it is none of samego's own commands, and so none to be copied.
        ran = [f"it was run as: {shlex.join(given.command)}"] if given.command else []
        where = "\n".join((*ran, *given.log))
        yield Issue(IssueKind.REPRODUCTION, goroot, headline(given), where=where)


def _of_paths(summary: Summary) -> Iterator[Issue]:
    for finding in summary.findings:
        path = _in_package(summary.report, finding.path)
        broken = breaking([finding])
        for item in finding.consequences:
            if not item.waived:
                kind = IssueKind.BREAKS if item in broken else IssueKind.LATENT
                said, shown = failures.sentence(item), summary.command_of(item)
                yield Issue(kind, path, said, command=shown, finding=finding)
        standing = summary.standings[finding.path]
        fine = standing.rank <= summary.report.required.rank
        if finding.path in summary.differing:
            kind = IssueKind.PATCHED if fine else _kind(finding, standing)
            yield _difference(kind, path, finding, standing)


def _difference(kind: IssueKind, path: str, finding: Finding, standing: Standing) -> Issue:
    text = f"{standing.value}: {cause_of(finding)}"
    if standing is not finding.standing:
        text += f"; rests on what is {standing.value} ({', '.join(finding.rests_on)})"
    lines = finding.lines
    line = lines.first if lines is not None and not lines.packed else None
    return Issue(kind, path, text, line, where_of(finding), finding.command, finding)


def _kind(finding: Finding, standing: Standing) -> IssueKind:
    if standing is Standing.UNEXPLAINED:
        return IssueKind.ALARM if is_alarm(finding) else IssueKind.UNEXPLAINED
    if standing is Standing.UNPROVEN:
        executable = finding.kind == "elf" and finding.side is not Side.UPSTREAM
        return IssueKind.REBUILD if executable else IssueKind.UNPROVEN
    return IssueKind.PROVEN


def _in_package(report: Report, path: str) -> str:
    """Where a path of the report lies in the package, without a slash at its begin."""
    if path.startswith("/"):
        return path.lstrip("/")
    goroot = report.subject.goroot.strip("/")
    return f"{goroot}/{path}" if goroot else path
