"""A report as plain text, for a person with two minutes.

The first line is the verdict, and what breaks before that; the two below it say what to look at
first, if executables rest on something that nothing accounts for. Then: what breaks, counts, how
upstream's file was verified, what needs eyes, what is latent, what was not compared, and what would
raise the verdict.
Lines are at most 100 columns, but for the first ones, commands and words that do not break:
those stay whole, to be copied.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.report import Upstream
from samego.model.reproduction import Outcome, Reproduction
from samego.report import own_patches, reaching, waived
from samego.report import reproduction as rebuilt
from samego.report.explain import describe
from samego.report.headline import not_compared, sentence
from samego.report.lead import is_alarm, lead
from samego.report.steps import next_steps
from samego.report.summary import Group, Summary, alike
from samego.report.words import amount, first_lines, hanging
from samego.system.terminal import visible, visible_lines
from samego.words import failures
from samego.words.candidates import phrase
from samego.words.findings import cause_of, where_of

#: Gives a text a look: (text, style name) -> text. A style is a standing's or an effect's
#: name, or "pass".
Paint = Callable[[str, str], str]

#: How many items of one list, and how many paths of one group, are shown.
_ITEMS = 4
#: How many lines of a diff are shown: a small one whole.
_DIFF_LINES = 6
#: Columns of a group's label in the table of counts.
_LABEL = 70
_MARGIN = " " * 6
#: How many guesses are named of one executable.
_MAY_BE = 3
_LOOKS = {Outcome.SAME: "pass", Outcome.DIFFERENT: "unexplained"}


def plain(text: str, _style: str) -> str:
    """The paint of a pipe or a file: none."""
    return text


def render(summary: Summary, *, verbose: bool = False, paint: Paint = plain) -> str:
    """The report as text; ``verbose`` shortens no list and adds every finding in full."""
    limit = sys.maxsize if verbose else _ITEMS
    report, by_standing = summary.report, summary.groups
    rested_on = {path for finding in report.findings for path in finding.rests_on}
    breaks = list(_consequences(summary, Effect.BREAKS, limit, paint))
    first = [
        *_verdict(summary, paint),
        *(line for text in lead(summary) for line in first_lines(text)),
    ]
    about = [
        *reaching.lines(summary),
        *own_patches.lines(summary.patches, own_patches.source_of(report), verbose=verbose),
        *_reproduction(report.reproduction, paint, verbose=verbose),
    ]
    blocks: list[list[str]] = [
        *([first, breaks, about] if breaks else [[*first, *about]]),
        list(_counts(summary, paint)),
        [*_upstream(report.upstream, verbose=verbose), *_notes(report.notes, limit)],
        list(_waived(summary, limit)),
        list(_unexplained(by_standing[Standing.UNEXPLAINED], rested_on, limit, paint)),
        list(_unproven(summary.standings, by_standing[Standing.UNPROVEN], limit, paint)),
        list(_consequences(summary, Effect.LATENT, limit, paint)),
        list(hanging("Not compared: ", not_compared(summary))),
        list(_next_steps(summary, limit)),
    ]
    if verbose and report.findings:
        blocks.append([f"All {amount(len(report.findings), 'finding')}"])
        blocks += [list(describe(finding, summary)) for finding in summary.findings]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _verdict(summary: Summary, paint: Paint) -> Iterator[str]:
    before, word, after = sentence(summary)
    clean = summary.passes and not waived.number(summary)
    lines = first_lines(f"{before}{word}{after}")
    at = next((number for number, line in enumerate(lines) if f"{word}," in line), 0)
    lines[at] = lines[at].replace(f"{word},", f"{paint(word, 'pass' if clean else word)},", 1)
    yield from lines


def _reproduction(
    reproduction: Reproduction | None, paint: Paint, *, verbose: bool
) -> Iterator[str]:
    if reproduction is not None:
        before, word, after = rebuilt.sentence(reproduction)
        yield before + paint(word, _LOOKS.get(reproduction.outcome, "unproven")) + after
        yield from rebuilt.lines(reproduction, verbose=verbose)


def _counts(summary: Summary, paint: Paint) -> Iterator[str]:
    numbers = summary.counts
    for standing in Standing:
        number = numbers[standing.value]
        name = f"{standing.value:<12}"
        # What does not pass has a section of its own below.
        shown = summary.groups[standing] if standing.passes else ()
        causes = ", ".join(
            f"{textwrap.shorten(visible(group.label), _LABEL, placeholder=' ...')}"
            f" ({len(group.findings):,})"
            for group in shown
        )
        lines = list(hanging(f"  {name} {number:>7,}   ", causes)) or [f"  {name} {number:>7,}"]
        lines[0] = lines[0].replace(name, paint(name, standing.value), 1) if number else lines[0]
        yield from lines
    if summary.report.not_compared:
        yield f"  not compared {numbers['not_compared']:>7,}"


def _upstream(upstream: Upstream, *, verbose: bool) -> Iterator[str]:
    yield from _archive("Upstream: ", upstream, verbose=verbose)
    if upstream.source is not None:
        yield from _archive("Source:   ", upstream.source, verbose=verbose)


def _archive(label: str, upstream: Upstream, *, verbose: bool) -> Iterator[str]:
    yield f"{label}{visible(upstream.url)} ({visible(upstream.channel)})"
    if verbose:
        yield from hanging(" " * len(label), f"sha256 {visible(upstream.sha256)}")
    ways = [
        visible(f"{way.how} ({way.rests_on})" if verbose and way.rests_on else way.how)
        for way in upstream.verified
    ]
    how = "; ".join(ways) if ways else "NOT VERIFIED (--allow-unverified)"
    if ways and upstream.confirmed:
        how = f"verified: {how}"
    yield from hanging(" " * len(label), how)


def _notes(notes: Sequence[str], limit: int) -> Iterator[str]:
    for note in notes[:limit]:
        yield from hanging("Note:     ", visible(note))
    yield from _more("", len(notes) - limit)


def _waived(summary: Summary, limit: int) -> Iterator[str]:
    found = list(waived.listed(summary))
    if found:
        yield f"Waived, {waived.would_fail(summary)}:"
    for told, paths in found:
        yield from _item(told)
        yield from hanging(_MARGIN, _shortened([visible(path) for path in paths], limit))


def _unexplained(
    found: Sequence[Group], rested_on: Collection[str], limit: int, paint: Paint
) -> Iterator[str]:
    """The root causes: alarms first, then what most rests on; those that rest on them last."""
    findings = sorted((f for group in found for f in group.findings), key=lambda f: f.path)
    if not findings:
        return
    roots = [finding for finding in findings if finding.standing is Standing.UNEXPLAINED]
    roots.sort(key=lambda finding: (not is_alarm(finding), finding.path not in rested_on))
    followers = [finding for finding in findings if finding.standing is not Standing.UNEXPLAINED]
    word = paint("Unexplained", Standing.UNEXPLAINED.value)
    yield f"{word}, {amount(len(roots), 'path')} that nothing accounts for:"
    for finding in roots[:limit]:
        about = f"({visible(finding.kind)}{_only(finding)}): {visible(cause_of(finding))}"
        yield from _item(f"{visible(finding.path)} {about}")
        # What executables are made from is shown whole: it is to be read.
        most = sys.maxsize if finding.path in rested_on else limit
        yield from _where(where_of(finding), most)
        yield from _may_be(finding)
    yield from _more("  ", len(roots) - limit)
    if followers:
        paths = _shortened([visible(finding.path) for finding in followers], limit)
        yield from _item(f"resting on these ({len(followers):,}): {paths}")


def _where(where: str, limit: int) -> Iterator[str]:
    limit = max(limit, _DIFF_LINES)
    lines = visible_lines(where)
    if len(lines) == 1:
        yield from hanging(_MARGIN, lines[0])
        return
    yield from (f"{_MARGIN}{line}".rstrip() for line in lines[:limit])
    yield from _more(_MARGIN, len(lines) - limit, "lines")


def _may_be(finding: Finding) -> Iterator[str]:
    """The settings that may have made it another, the likeliest first."""
    found = [visible(phrase(each)) for each in finding.candidates[:_MAY_BE]]
    if found:
        yield from hanging(f"{_MARGIN}may be: ", "; ".join(found))


def _only(finding: Finding) -> str:
    return {"distro": ", only in the package", "upstream": ", only upstream"}.get(
        finding.side.value, ""
    )


def _unproven(
    standings: Mapping[str, Standing], found: Sequence[Group], limit: int, paint: Paint
) -> Iterator[str]:
    if not found:
        return
    number = sum(len(group.findings) for group in found)
    word = paint("Unproven", Standing.UNPROVEN.value)
    yield f"{word}, {amount(number, 'path')} whose cause is known but was not replayed:"
    for group in found[:limit]:
        yield from hanging("  ", f"{visible(group.label)} ({len(group.findings):,}):")
        paths = [visible(finding.path) for finding in group.findings]
        yield from hanging(_MARGIN, _shortened(paths, limit))
        if group.roots:
            names = [f"{visible(path)} ({standings[path].value})" for path in group.roots]
            yield from hanging(_MARGIN, "rests on " + _shortened(names, limit))
    yield from _more("  ", len(found) - limit)


def _consequences(summary: Summary, effect: Effect, limit: int, paint: Paint) -> Iterator[str]:
    found = [item for item in summary.consequences if item.effect is effect]
    if not found:
        return
    number = sum(item.waived for item in found)
    taken = f", {number:,} of them waived" if number else ""
    yield f"{paint(effect.heading, effect.value)}, {amount(len(found), 'file')}{taken}:"
    grouped = alike(found) if limit == _ITEMS else [(item, ()) for item in found]
    for consequence, others in grouped[:limit]:
        yield from _consequence(consequence, summary.command_of(consequence))
        if others:
            paths = _shortened([visible(path) for path in others], limit)
            yield from hanging(_MARGIN, f"the same for {paths}")
    yield from _more("  ", len(grouped) - limit)


def _consequence(consequence: Consequence, command: str) -> Iterator[str]:
    waived = "waived: " if consequence.waived else ""
    yield from _item(waived + visible(failures.sentence(consequence)))
    if command:
        yield f"{_MARGIN}$ {visible(command)}"


def _next_steps(summary: Summary, limit: int) -> Iterator[str]:
    steps = next_steps(summary)
    if not steps:
        return
    yield "To raise the verdict:"
    for purpose, command in steps[:limit]:
        yield from hanging("  - ", purpose)
        if command:
            yield f"    $ {visible(command)}"
    yield from _more("  ", len(steps) - limit)


def _shortened(names: Sequence[str], limit: int) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest:,} more" if rest > 0 else "")


def _more(indent: str, number: int, what: str = "") -> Iterator[str]:
    if number > 0:
        yield f"{indent}... and {number:,} more {what}".rstrip() + " (--verbose shows all)"


def _item(text: str) -> list[str]:
    """An item of a list: what does not fit its line stands deeper."""
    return hanging("  ", text, _MARGIN)
