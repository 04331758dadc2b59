"""What a claim needs and this run does not have: the distro's source package, or a tool.

A claim that is wrong here for that reason alone is open, not broken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from samego.compare.engine import Comparison
from samego.distro.naming import fetching_of
from samego.model.finding import Finding
from samego.model.report import Report
from samego.report.own_patches import source_of
from samego.verify.declared_inputs import tools_of
from samego.verify.replay import USES, Unrepeated, falls_short, judge, may_want

#: What gives a build's declared inputs.
_SOURCE = "the distro's source package of this version: give it with --source"


def wanting(
    report: Report, comparison: Comparison, missing: Collection[str], *, words: bool
) -> Iterator[Unrepeated]:
    """The claims of ``report`` that are wrong here because an input or a tool is missing.

    ``missing`` names the declared inputs that are not available; ``words`` says whether the
    report's sentences are compared too.
    """
    found = {finding.path: finding for finding in comparison.findings}
    left = {each.path for each in comparison.not_compared}
    # A missing input is reported even where nothing rests on it.
    by_need: dict[tuple[str, str], list[str]] = {_input(report, name): [] for name in missing}
    for claim in report.findings:
        given = found.get(claim.path)
        if given is None and claim.path not in left:
            continue  # nothing differs there: no input that is missing makes it differ
        if may_want(claim, given) and judge(claim, given, words=words):
            need = _need(report, claim, given, missing, left)
            if need is not None:
                by_need.setdefault(need, []).append(claim.path)
    for (what, needs), paths in by_need.items():
        yield Unrepeated(tuple(paths), what, needs)


def _input(report: Report, name: str) -> tuple[str, str]:
    return f"the build's declared {name}, and what rests on it", _source(report)


def _source(report: Report) -> str:
    """The source package that is needed, by name and digest, and how it is had."""
    source = source_of(report)
    if source is None:
        return _SOURCE
    fetching = fetching_of(report.subject)
    # Of another version than the packages: where to get that one, nobody knows.
    same = fetching is not None and fetching.file == source.name
    how = f" ({fetching.command})" if fetching is not None and same else ""
    named = f"{source.name}, sha256 {source.sha256}" if source.sha256 else source.name
    return f"{named}{how}: give it with --source"


def _need(
    report: Report,
    claim: Finding,
    given: Finding | None,
    missing: Collection[str],
    not_compared: Collection[str],
) -> tuple[str, str] | None:
    """What this claim needs, and how it is had; None where nothing is missing for it."""
    for name in missing:
        if claim.rule in USES[name]:
            return _input(report, name)
    if missing and claim.path in not_compared:
        return "that they are the source package's own files", _source(report)
    if claim.proof is None or not claim.standing.passes or not falls_short(claim, given):
        return None
    have = tools_of(claim.rule)
    if have is not None and set(claim.proof.tools) - set(have):
        wanted = ", ".join(f"{tool.name} {tool.version}" for tool in claim.proof.tools)
        return f"what {claim.rule} replayed", f"{wanted}, as the report used"
    return None
