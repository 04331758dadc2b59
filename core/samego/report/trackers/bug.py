"""The text of a bug report for the distro's maintainer, ready to be sent.

Debian: a mail to its bug tracking system, plain text of 72 columns below pseudo-headers
(https://www.debian.org/Bugs/Reporting). Arch: an issue of the package's project in its GitLab, in
the sections of the packages' template, as ``pkgctl issue create --file`` takes it (devtools,
src/lib/issue/create.sh). What a report holds to be wrong is told: what breaks, then what nothing
accounts for; what is latent only where there is nothing else. The severity is a proposal.
"""

from __future__ import annotations

import enum
import posixpath
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from samego.distro.naming import naming_of
from samego.errors import InputError
from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.report import Report, Upstream
from samego.report.lead import is_alarm
from samego.report.summary import Summary, alike
from samego.report.words import amount, subject_name, upstream_name
from samego.rules import nondeterminism_stripped
from samego.system.terminal import visible, visible_lines
from samego.words import failures
from samego.words.findings import cause_of, where_of

#: The format of each distro's tracker, by the distro's name in reports.
FORMATS = {"debian": "debian-bug", "arch": "arch-bug"}
_DEBIAN, _ARCH = FORMATS["debian"], FORMATS["arch"]
#: Columns of a mail.
_WIDTH = 72
#: So many differences, and so many lines of each, are spelled out.
_SHOWN, _LINES = 8, 12


class Severity(enum.Enum):
    """Debian's severities that are proposed (https://www.debian.org/Bugs/Developer#severities)."""

    SERIOUS = "serious"
    IMPORTANT = "important"
    NORMAL = "normal"
    MINOR = "minor"


_WHY = {
    Severity.SERIOUS: "the executables do not follow from the package's own sources",
    Severity.IMPORTANT: "something that works with upstream's files fails",
    Severity.NORMAL: "nothing breaks that is known of",
    Severity.MINOR: "nothing in this release acts on it",
}


@dataclass(frozen=True, slots=True)
class _Bug:
    """What is to be told. ``told`` are consequences with the paths that share each."""

    summary: Summary
    severity: Severity
    told: Sequence[tuple[Consequence, tuple[str, ...]]]
    unexplained: Sequence[Finding]

    @property
    def title(self) -> str:
        """The bug in one line, without the package's name."""
        if self.told:
            first = self.told[0][0]
            what = failures.broken(first.failure)
            if first.effect is Effect.BREAKS and what:
                return visible(f"'{what}' fails: {first.path} is not the file that is pinned")
            return visible(f"{first.path} is not the file that {first.pinned_in} pins")
        paths = visible(self.unexplained[0].path)
        if len(self.unexplained) > 1:
            paths += f" and {amount(len(self.unexplained) - 1, 'more path')}"
        verb = "differs" if len(self.unexplained) == 1 else "differ"
        return f"{paths} {verb} from upstream's {self.summary.report.subject.release}"


def render_debian(summary: Summary) -> str:
    """A mail to Debian's bug tracking system. Raises InputError where there is nothing to tell."""
    bug, source, version = _read(summary, "debian")
    lines = [
        "To: submit@bugs.debian.org",
        f"Subject: {source}: {bug.title}",
        "",
        f"Package: src:{source}",
        f"Version: {version}",
        f"Severity: {bug.severity.value}",
        "",
        "Dear Maintainer,",
        "",
        *_wrapped(f"I propose this severity because {_WHY[bug.severity]}."),
    ]
    for consequence, others in bug.told:
        lines += ["", *_wrapped(visible(failures.sentence(consequence)))]
        lines += _wrapped(_same(others))
        lines += _indented("To see it, on a machine with the package:", bug, consequence)
        lines += _cause(bug, consequence)
    if bug.unexplained:
        lines += ["", *_wrapped(_differs(bug))]
        for finding in bug.unexplained[:_SHOWN]:
            lines += ["", f"  {visible(finding.path)}: {visible(cause_of(finding))}"]
            lines += [f"    {line}" for line in _place(finding)]
        lines += _more(bug.unexplained)
    lines += ["", "What was compared:", ""]
    lines += [f"  {line}" for line in _compared(summary.report)]
    return "\n".join(line.rstrip() for line in (*lines, "", *_signed(summary.report))) + "\n"


def render_arch(summary: Summary) -> str:
    """An issue for Arch's GitLab in Markdown, its title first. Raises InputError as the other."""
    bug, _source, version = _read(summary, "arch")
    # The first line is where pkgctl reads the title; the project is the package's own.
    lines = [f"# Title: {bug.title}", "", "### Description:"]
    for consequence, others in bug.told:
        lines += ["", visible(failures.sentence(consequence)), *_listed(_same(others))]
        lines += _cause(bug, consequence)
    if bug.unexplained:
        lines += ["", _differs(bug)]
        for finding in bug.unexplained[:_SHOWN]:
            lines += ["", f"    {visible(finding.path)}: {visible(cause_of(finding))}"]
            lines += [f"      {line}" for line in _place(finding)]
        lines += _more(bug.unexplained)
    lines += ["", "### Additional info:", "", f"* package version(s): {version}"]
    lines += ["* config and/or log files: what was compared", ""]
    # A block of code within the list's item: two columns of the item, four of the block.
    lines += [f"      {line}" for line in _compared(summary.report)]
    lines += ["", "* link to upstream bug report, if any: none"]
    lines += ["", "### Steps to reproduce:"]
    for consequence, _others in bug.told:
        lines += _indented("", bug, consequence)
    lines += ["", *_signed(summary.report)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


RENDERERS: Mapping[str, Callable[[Summary], str]] = {_DEBIAN: render_debian, _ARCH: render_arch}


def _read(summary: Summary, distro: str) -> tuple[_Bug, str, str]:
    """What is to be told, of which source package and version."""
    report = summary.report
    if report.subject.distro != distro or not report.subject.packages:
        raise InputError(
            f"{FORMATS[distro]} is for packages of {distro}, and this report is on"
            f" {subject_name(report)}",
            hint="take --format markdown, or --to markdown",
        )
    source = naming_of(distro).source(report.subject.packages[0])
    return _bug(summary), visible(source.name), visible(str(source.version))


def _bug(summary: Summary) -> _Bug:
    unexplained = [f for f in summary.findings if f.standing is Standing.UNEXPLAINED]
    unexplained.sort(key=lambda finding: (not is_alarm(finding), finding.path))
    breaking = alike([each for each in summary.consequences if each in summary.breaking])
    if any(map(is_alarm, unexplained)):
        return _Bug(summary, Severity.SERIOUS, breaking, unexplained)
    if breaking:
        return _Bug(summary, Severity.IMPORTANT, breaking, unexplained)
    if unexplained:
        return _Bug(summary, Severity.NORMAL, (), unexplained)
    latent = [each for each in summary.consequences if each.effect is Effect.LATENT]
    if latent:
        return _Bug(summary, Severity.MINOR, alike(latent), ())
    what = summary.verdict.value
    raise InputError(
        f"{subject_name(summary.report)} is {what}, and nothing is known to be wrong with it",
        hint="there is nothing to report"
        if summary.passes
        else "prove what is open first: 'samego explain REPORT' lists the commands",
    )


def _same(others: Sequence[str]) -> str:
    return visible(f"The same holds for {', '.join(others)}.") if others else ""


def _indented(what: str, bug: _Bug, consequence: Consequence) -> Iterator[str]:
    """The command that shows a consequence, in one line to be copied."""
    command = bug.summary.command_of(consequence)
    if command:
        yield from ["", what] if what else []
        yield from ("", f"    {visible(command)}")


def _cause(bug: _Bug, consequence: Consequence) -> Iterator[str]:
    """Why the file is another, and what would leave it as it was, where that is known."""
    found = next((f for f in bug.summary.findings if f.path == consequence.path), None)
    if found is None:
        return
    yield ""
    yield from _wrapped(f"Why the file is another: {visible(cause_of(found))}.")
    if found.rule == nondeterminism_stripped.NAME and bug.summary.report.subject.distro == "debian":
        yield from _wrapped(
            "This leaves such files as upstream posts them: dh_strip_nondeterminism"
            f" --exclude={visible(posixpath.dirname(consequence.path))}/"
        )


def _differs(bug: _Bug) -> str:
    number = len(bug.unexplained)
    verb, them = ("differs", "it") if number == 1 else ("differ", "them")
    report = bug.summary.report
    return (
        f"{amount(number, 'path')} of {subject_name(report)} {verb} from upstream's"
        f" {upstream_name(report)}, and nothing in the package accounts for {them}:"
    )


def _place(finding: Finding) -> Sequence[str]:
    lines = visible_lines(where_of(finding))
    more = [f"... and {len(lines) - _LINES:,} more lines"] if len(lines) > _LINES else []
    return [*lines[:_LINES], *more] if finding.where else []


def _more(findings: Sequence[Finding]) -> Iterator[str]:
    if len(findings) > _SHOWN:
        yield from ("", f"And {amount(len(findings) - _SHOWN, 'more path')}.")


def _compared(report: Report) -> Iterator[str]:
    """Both sides by their digests, and who vouches for upstream's."""
    for package in report.subject.packages:
        yield visible(f"{package.name} {package.version} {package.architecture}")
        yield from [f"  sha256 {package.sha256}"] if package.sha256 else ["  as installed"]
    yield from _archive(report.upstream)
    if report.upstream.source is not None:
        yield from _archive(report.upstream.source)


def _archive(upstream: Upstream) -> Iterator[str]:
    yield visible(upstream.url)
    yield f"  sha256 {visible(upstream.sha256)}"
    for way in upstream.verified:
        yield visible(f"  {way.how}")


def _signed(report: Report) -> Iterator[str]:
    """Who says so, and how to ask again."""
    if report.asked is not None and report.asked.command:
        yield from ("To ask again:", "", f"    {visible(report.asked.command)}", "")
    yield f"Written by samego {visible(report.version)}."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _listed(text: str) -> list[str]:
    return ["", text] if text else []
