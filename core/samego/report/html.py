"""A report as one HTML file that needs nothing else: to be attached to a bug, or read.

No scripts, no fonts, no images, nothing fetched: a policy in the page forbids it. Every
text of the report is escaped, and what a browser would act on or hide is made visible.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Template

from samego.model.finding import Consequence, Effect, Finding
from samego.model.proof import Standing
from samego.model.report import Report, Upstream
from samego.report import own_patches, reaching, reproduction, templating, waived, words
from samego.report.headline import not_compared, sentence
from samego.report.repeat import repeat, verify_command
from samego.report.steps import next_steps
from samego.report.summary import Group, Summary, alike
from samego.report.words import MEANINGS, subject_name, upstream_name
from samego.system.terminal import visible_lines
from samego.words import candidates, failures
from samego.words.findings import cause_of, where_of
from samego.words.reach import phrase

#: Findings of one group that are written out; the JSON report has all.
_MOST = 400

_SIDES = {"both": "", "distro": "only in the package", "upstream": "only upstream"}


@dataclass(frozen=True, slots=True)
class PageSection:
    """The groups of one standing; ``number`` counts their findings."""

    standing: Standing
    groups: tuple[Group, ...]

    @property
    def number(self) -> int:
        """How many findings the groups hold."""
        return sum(len(group.findings) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Around:
    """What is around a report's page where it is one of a site's; links are relative.

    ``style`` is the style sheet. ``trail`` leads here from the top: texts with links.
    ``data`` is the report as JSON, ``when`` the time at which it was made. ``near`` are
    others of the same package: what each is to this one, its text and its link.
    """

    style: str
    trail: tuple[tuple[str, str], ...]
    here: str
    when: datetime
    data: str
    near: tuple[tuple[str, str, str], ...]


def render(summary: Summary, around: Around | None = None) -> str:
    """The report as an HTML document: one file, or a page of a site."""
    report, by_standing = summary.report, summary.groups
    before, word, after = sentence(summary)
    worst_first = [standing for standing in reversed(Standing) if by_standing[standing]]
    numbers = summary.counts
    return _template().render(
        report=report,
        title=f"{subject_name(report)} against {upstream_name(report)}",
        verdict=summary.verdict.value,
        look=_look(summary),
        waived=list(waived.listed(summary)),
        waived_paths=waived.would_fail(summary),
        waived_of=lambda path: list(waived.of_path(summary, path)),
        sentence=(before, word, after),
        numbers=numbers,
        total=sum(numbers.values()) - numbers["not_compared"],
        differing=[s for s in Standing if s is not Standing.IDENTICAL and numbers[s.value]],
        archives=list(_archives(report.upstream)),
        consequences=_consequences(summary),
        command_of=summary.command_of,
        sections=[PageSection(s, by_standing[s]) for s in worst_first],
        standings=summary.standings,
        not_compared=not_compared(summary),
        steps=next_steps(summary),
        patches=summary.patches,
        origin=_origin(report),
        reproduction=_reproduction(report),
        reaches=reaching.reached(summary),
        meanings=MEANINGS,
        sides=_SIDES,
        most=_MOST,
        repeat_all=verify_command(report),
        around=around,
    )


def _consequences(
    summary: Summary,
) -> list[tuple[Effect, list[tuple[Consequence, tuple[str, ...]]]]]:
    """What breaks, then what is latent: each with those that share it; nothing for neither."""
    by_effect = [
        (effect, alike([each for each in summary.consequences if each.effect is effect]))
        for effect in Effect
    ]
    return [(effect, found) for effect, found in by_effect if found]


@functools.cache
def _template() -> Template:
    environment = templating.environment("samego.report")
    environment.filters.update(
        visible_lines=lambda value: "\n".join(visible_lines(str(value))),
        details=_details,
        shared=_shared,
        cause=cause_of,
        where=where_of,
        may_be=candidates.phrase,
        sentence=failures.sentence,
        reached=lambda reach: phrase([reach]),
    )
    environment.globals["repeat"] = repeat
    return environment.get_template("report.html.jinja")


def _archives(upstream: Upstream) -> Iterator[tuple[str, Upstream]]:
    yield "upstream", upstream
    if upstream.source is not None:
        yield "source", upstream.source


def _look(summary: Summary) -> str:
    """How the verdict looks, as its class in the style sheet."""
    if not summary.passes:
        return summary.verdict.value
    return "waived" if waived.number(summary) else "pass"


def _origin(report: Report) -> tuple[str, str] | None:
    """The source package that the patches came with, and how it is verified."""
    source = own_patches.source_of(report)
    return (source.name, own_patches.verified_by(source)) if source else None


def _reproduction(report: Report) -> tuple[str, str] | None:
    """The answer of a rebuild in a line, and what is behind it."""
    given = report.reproduction
    if given is None:
        return None
    return reproduction.headline(given), "\n".join(reproduction.lines(given))


def _details(finding: Finding) -> list[tuple[str, str]]:
    """A proof's details as words."""
    if finding.proof is None:
        return []
    return [
        (key.replace("_", " "), words.detail(value))
        for key, value in sorted(finding.proof.details.items())
        if value not in ("", ())
    ]


def _shared(group: Group) -> str:
    """The cause that all findings of a group have, where it is not the group's label."""
    causes = {cause_of(finding) for finding in group.findings}
    return next(iter(causes)) if len(causes) == 1 else ""
