"""A report as Markdown, to be pasted into a bug report.

It names everything that another person needs to check it: packages and upstream's file
by digest, each difference with its standing, each consequence with the command that
shows it. Text from the report stands in code spans or is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from samego.model.finding import Effect
from samego.model.proof import Standing
from samego.model.report import Report, Upstream
from samego.model.reproduction import MemberDifference
from samego.report import own_patches, reaching, reproduction, waived
from samego.report.headline import headline, not_compared
from samego.report.steps import next_steps
from samego.report.summary import Summary
from samego.system.terminal import visible
from samego.words import causes, failures
from samego.words.findings import cause_of, where_of

#: A table has at most this many rows: a tracker's page has limits.
_ROWS = 200
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_TICKS = re.compile(r"`+")


def render(summary: Summary) -> str:
    """The report as Markdown text that ends with a newline."""
    report = summary.report
    blocks = [
        [f"**{escaped(headline(summary))}**"],
        list(_patches(summary)),
        list(_reproduction(report)),
        list(_reach(summary)),
        list(_consequences(summary, Effect.BREAKS)),
        list(_sides(report)),
        list(_counts(summary)),
        list(_waived(summary)),
        list(_consequences(summary, Effect.LATENT)),
        list(_differences(summary)),
        [f"Not compared: {escaped(missing)}"] if (missing := not_compared(summary)) else [],
        list(_next_steps(summary)),
        [escaped(f"Note: {visible(note)}") + "  " for note in report.notes],
        [f"Written by samego {escaped(visible(report.version))}{_tools(report)}."],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _reproduction(report: Report) -> Iterator[str]:
    """Whether a rebuild gave the packages, with every file and the members that differ."""
    found = report.reproduction
    if found is None:
        return
    yield f"**{escaped(reproduction.headline(found))}**"
    if found.artifacts:
        yield ""
        yield from table(
            ("file", "rebuilt", "shipped sha256", "rebuilt sha256"),
            [(a.name, a.match.value, a.shipped, a.rebuilt) for a in found.artifacts],
        )
    members = [(a.name, d) for a in found.artifacts for d in a.differences]
    if members:
        yield ""
        yield from table(
            ("file", "member", "standing", "cause", "where"),
            [
                (name, _code(d.path) if d.path else "", d.standing.value, *_words(d))
                for name, d in members[:_ROWS]
            ],
            raw=(1,),
        )
    if len(members) > _ROWS:
        yield ""
        yield f"And {len(members) - _ROWS:,} more: see the JSON report."
    if found.log:
        yield ""
        yield from (f"    {visible(line)}" for line in found.log)


def _words(difference: MemberDifference) -> tuple[str, str]:
    """The cause and the first line of where a member differs."""
    return causes.phrase(difference.causes), _first(reproduction.where_rebuilt(difference))


def _reach(summary: Summary) -> Iterator[str]:
    for name, text in reaching.reached(summary):
        yield escaped(visible(f"Reach, {name}: {text}")) + "  "


def _patches(summary: Summary) -> Iterator[str]:
    """The own patches with the paths that each changed, and how their source is verified."""
    patches = summary.patches
    if not patches:
        return
    source = own_patches.source_of(summary.report)
    if source is not None:
        about = f"The patches are of {source.name}, which is {own_patches.verified_by(source)}."
        yield escaped(visible(about))
        yield ""
    yield from table(
        ("own patch", "runs", "paths"),
        [
            (patch.name, "yes" if patch.runs else "no", " ".join(map(_code, patch.paths[:_ROWS])))
            for patch in patches[:_ROWS]
        ],
        raw=(2,),
    )


def _sides(report: Report) -> Iterator[str]:
    rows = [
        (
            "package",
            f"{package.name} {package.version} {package.architecture}",
            package.sha256,
            "",
        )
        for package in report.subject.packages
    ]
    rows.append(_archive("upstream", report.upstream))
    if report.upstream.source is not None:
        rows.append(_archive("source", report.upstream.source))
    yield from table(("side", "what", "sha256", "verified"), rows)


def _archive(label: str, upstream: Upstream) -> tuple[str, str, str, str]:
    ways = (f"{way.how} ({way.rests_on})" for way in upstream.verified)
    return label, upstream.url, upstream.sha256, "; ".join(ways) or "not verified"


def _counts(summary: Summary) -> Iterator[str]:
    numbers = summary.counts
    yield from table(
        ("standing", "paths"),
        [(name.replace("_", " "), f"{number:,}") for name, number in numbers.items()],
    )


def _waived(summary: Summary) -> Iterator[str]:
    """Each waiver that took something, with its reason and its paths."""
    rows = [(told, " ".join(map(_code, paths[:_ROWS]))) for told, paths in waived.listed(summary)]
    if rows:
        yield f"Waived, {waived.would_fail(summary)}:"
        yield ""
        yield from table(("waived", "paths"), rows, raw=(1,))


def _consequences(summary: Summary, effect: Effect) -> Iterator[str]:
    found = [item for item in summary.consequences if item.effect is effect]
    if found:
        yield f"## {effect.heading}"
    for consequence in found:
        mark = ", waived" if consequence.waived else ""
        yield ""
        said = escaped(visible(failures.sentence(consequence)))
        yield f"* **{consequence.effect.value}{mark}**: {said}"
        yield from _block(summary.command_of(consequence))


def _differences(summary: Summary) -> Iterator[str]:
    standings = summary.standings
    if not standings:
        return
    yield "## Differences"
    yield ""
    ordered = sorted(summary.findings, key=lambda f: (-standings[f.path].rank, f.path))
    differing = [f for f in ordered if standings[f.path] is not Standing.IDENTICAL]
    yield from table(
        ("standing", "path", "rule", "cause", "where"),
        [
            (
                standings[f.path].value,
                _code(f.path),
                f.rule,
                cause_of(f),
                _first(where_of(f)),
            )
            for f in differing[:_ROWS]
        ],
        raw=(1,),
    )
    if len(differing) > _ROWS:
        yield ""
        yield f"And {len(differing) - _ROWS:,} more, none of them worse: see the JSON report."


def _first(where: str) -> str:
    """The first line of a place: a table's cell has no room for a diff."""
    line, more, _rest = where.partition("\n")
    return f"{line} ..." if more else line


def _next_steps(summary: Summary) -> Iterator[str]:
    steps = next_steps(summary)
    if steps:
        yield "## To raise the verdict"
    for purpose, command in steps:
        yield ""
        yield f"* {escaped(purpose)}"
        yield from _block(command)


def _tools(report: Report) -> str:
    names = ", ".join(visible(f"{tool.name} {tool.version}".rstrip()) for tool in report.tools)
    return f" with {escaped(names)}" if names else ""


def table(
    heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, raw: tuple[int, ...] = ()
) -> Iterator[str]:
    """A table; the cells of the columns in ``raw`` are Markdown already."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        cells = (
            cell.replace("|", r"\|") if column in raw else escaped(visible(cell))
            for column, cell in enumerate(row)
        )
        yield f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Text in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    """A code span: fenced with more backticks than the text has in a row."""
    shown = visible(text)
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _block(command: str) -> Iterator[str]:
    """A command as an indented code block below a list item."""
    if command:
        yield ""
        yield f"      {visible(command)}"
