"""Everything known of one finding, as plain text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from samego.errors import InputError
from samego.model.finding import Consequence, Effect, Finding, Side, Why
from samego.model.proof import Proof, Standing
from samego.model.report import NotCompared, Report
from samego.report import waived, words
from samego.report.summary import Summary
from samego.report.words import MEANINGS, amount, hanging, subject_name, upstream_name
from samego.system.terminal import visible, visible_lines
from samego.words import failures
from samego.words.candidates import phrase as phrase_of_candidate
from samego.words.findings import cause_of, where_of
from samego.words.reach import phrase

#: A label's column.
_LABEL = 12
#: How many paths of a list are spelled out.
_SHOWN = 10

_SIDES = {
    Side.BOTH: "on both sides",
    Side.DISTRO: "only in the package",
    Side.UPSTREAM: "only upstream",
}

_HOLDERS = {
    Side.BOTH: "the file of both sides",
    Side.DISTRO: "the package's file",
    Side.UPSTREAM: "upstream's file",
}


def explain(summary: Summary, path: str) -> str:
    """Everything the report knows of one path, as text that ends with a newline.

    Raises InputError for a path that the report does not name: identical paths are not
    listed in a report, so that they cannot be distinguished from paths that do not exist.
    """
    report = summary.report
    path = _as_reported(report, path)
    finding = next((finding for finding in report.findings if finding.path == path), None)
    if finding is not None:
        about = f"{subject_name(report)} against {upstream_name(report)}"
        lines = [about, "", *describe(finding, summary)]
        followers = {cause.path: cause.followers for cause in summary.roots}
        if path in followers:
            lines += _row("followed by", _list(followers[path]))
        return "\n".join(lines) + "\n"
    for group in report.not_compared:
        if path == group.prefix or (group.prefix.endswith("/") and path.startswith(group.prefix)):
            return (
                f"{visible(path)}: not compared. {_why(group)}, and the"
                " report has no finding for this one. It is neither a difference nor a pass.\n"
            )
    raise InputError(
        f"the report has no finding for {visible(path)}: it is identical or does not exist",
        hint=_advice(report, path),
    )


def _as_reported(report: Report, path: str) -> str:
    """A path as the report spells it, also where it is named as it lies on disk."""
    if not path.startswith("/") or any(finding.path == path for finding in report.findings):
        return path
    inside = f"/{report.subject.goroot.strip('/')}/"
    if report.subject.goroot and path.startswith(inside):
        return path[len(inside) :]
    # A distro may have parts of GOROOT elsewhere, behind links (/usr/share/go-1.24/src).
    ends = [f.path for f in report.findings if "/" in f.path and path.endswith(f"/{f.path}")]
    return max(ends, key=len, default=path)


def _why(group: NotCompared) -> str:
    """Why the paths of a group were not compared, as the begin of a sentence."""
    many = f"{amount(group.count, 'path')} in {visible(group.prefix)}"
    if group.why == Why.PACKAGE_NOT_GIVEN.value:
        return f"{visible(group.package) or 'Another package'} has {many} and was not given"
    if group.why == Why.NOT_UNPACKED.value:
        return f"The package manager is configured not to unpack {many}"
    return f"No upstream copy of {many} was available"


def describe(finding: Finding, summary: Summary) -> Iterator[str]:
    """One finding in lines: the path, then a labelled line for each thing known."""
    standings = summary.standings
    yield visible(finding.path)
    yield from _row("standing", f"{finding.standing.value}: {MEANINGS[finding.standing]}")
    standing = standings[finding.path]
    if standing is not finding.standing:
        yield from _row("effective", f"{standing.value}, because of what it rests on")
    if finding.path in summary.waived:
        yield from _row("but it is", waived.sentence(summary.waived[finding.path]))
    yield from _row("side", f"{_SIDES[finding.side]}, {visible(finding.kind)}")
    yield from _row("rule", visible(finding.rule) or "none")
    yield from _row("cause", visible(cause_of(finding)))
    if finding.reach is not None:
        yield from _row("reaches", visible(phrase([finding.reach])))
        yield from _row("built into", _list(finding.reach.executables))
    if finding.rests_on:
        rested = [
            f"{path} ({standings.get(path, Standing.IDENTICAL).value})" for path in finding.rests_on
        ]
        yield from _row("rests on", _list(rested))
    if finding.proof is not None:
        yield from _proof(finding.proof, finding)
    yield from _where(where_of(finding))
    for candidate in finding.candidates:
        yield from _row("may be", visible(phrase_of_candidate(candidate)))
    raises = finding.standing is not Standing.UNEXPLAINED
    yield from _command("to raise it" if raises else "to try it", finding.command)
    for consequence in finding.consequences:
        yield from _consequence(consequence, summary)


def _proof(proof: Proof, finding: Finding) -> Iterator[str]:
    if (proof.rule, proof.standing) != (finding.rule, finding.standing):
        yield from _row("proof", f"{visible(proof.rule)}: {proof.standing.value}")
    yield from _row("digest", f"sha256 {visible(proof.digest)}" if proof.digest else "")
    tools = ", ".join(f"{tool.name} {tool.version}".rstrip() for tool in proof.tools)
    yield from _row("tools", visible(tools))
    for key, value in sorted(proof.details.items()):
        yield from _row("detail", visible(f"{key} = {words.detail(value)}"))


def _consequence(consequence: Consequence, summary: Summary) -> Iterator[str]:
    place = summary.report.subject.place
    mark = ", waived" if consequence.waived else ""
    yield from _row(f"{consequence.effect.value}{mark}", visible(failures.sentence(consequence)))
    waiver = summary.waived_breaks.get(consequence.path)
    if waiver is not None and consequence.effect is Effect.BREAKS:
        yield from _row("but it is", waived.sentence(waiver))
    yield from _row("pinned in", visible(consequence.pinned_in))
    yield from _row("pinned", visible(consequence.pinned))
    yield from _row("actual", f"{visible(consequence.actual)} ({_HOLDERS[consequence.side]})")
    yield from _command("show it", failures.command(consequence, place))


def _row(label: str, text: str) -> Iterator[str]:
    """A labelled text in wrapped lines; nothing for an empty one."""
    yield from hanging(f"  {label:<{_LABEL}} ", text)


def _command(label: str, command: str) -> Iterator[str]:
    """A labelled command, never wrapped: it is there to be copied."""
    if command:
        yield f"  {label:<{_LABEL}} {visible(command)}"


def _where(where: str) -> Iterator[str]:
    """Where it differs: one phrase, or the lines of a short diff as they are."""
    lines = visible_lines(where)
    if len(lines) == 1:
        yield from _row("where", lines[0])
    for number, line in enumerate(lines if len(lines) > 1 else ()):
        yield f"  {'where' if number == 0 else '':<{_LABEL}} {line}".rstrip()


def _list(paths: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(visible(path) for path in paths[:_SHOWN])
    rest = len(paths) - _SHOWN
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def _advice(report: Report, path: str) -> str:
    paths = [finding.path for finding in report.findings]
    inside = [known for known in paths if known.endswith(f"/{path.strip('/')}")]
    near = inside or difflib.get_close_matches(path, paths, n=1, cutoff=0.8)
    if near:
        return f"did you mean {visible(near[0])}?"
    return "name a path as the report spells it, relative to GOROOT"
