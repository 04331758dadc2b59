"""A report as JSON: the form that scripts, hooks and trackers rest on.

The keys and their meaning are in docs/report.md and report.schema.json. The output is
ASCII, indented, ends with a newline, and depends on nothing but the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from samego.compare.verdict import bar_word
from samego.model import value
from samego.model.candidate import Candidate
from samego.model.finding import Consequence, Finding
from samego.model.proof import Proof, Tool
from samego.model.reach import Reach
from samego.model.report import SCHEMA, NotCompared, Upstream
from samego.model.subject import Subject
from samego.model.waiver import Waiver
from samego.report import indented, reproduction
from samego.report.summary import Summary
from samego.words import causes, failures
from samego.words.findings import cause_of, where_of

#: Wall times are written to the millisecond.
_DECIMALS = 3


def render(summary: Summary) -> str:
    """The report as JSON text."""
    return indented.dumps(to_object(summary)) + "\n"


def to_object(summary: Summary) -> dict[str, object]:
    """The report as the JSON object that the schema describes."""
    report, findings = summary.report, summary.findings
    result: dict[str, object] = {
        "schema": SCHEMA,
        "verdict": summary.verdict.value,
        "passes": summary.passes,
        "required": bar_word(report),
        "subject": _subject(report.subject),
        "upstream": _upstream(report.upstream),
        "counts": dict(summary.counts),
        "findings": [_finding(finding, summary) for finding in findings],
        "consequences": [
            _consequence(consequence, summary)
            for finding in findings
            for consequence in finding.consequences
        ],
        "not_compared": {
            "count": sum(group.count for group in report.not_compared),
            "paths": [_not_compared(group) for group in sorted(report.not_compared)],
        },
        "inputs": _sorted(report.inputs),
        "patches": [
            {"name": patch.name, "paths": list(patch.paths), "runs": patch.runs}
            for patch in summary.patches
        ],
        "notes": list(report.notes),
        "tools": _tools(report.tools),
        "timings": {stage: round(float(wall), _DECIMALS) for stage, wall in report.timings.items()},
        "samego": report.version,
    }
    if report.asked is not None:
        asked = report.asked
        result["asked"] = {
            "from": asked.source.value,
            "instead": list(asked.instead),
            **({"command": asked.command} if asked.command else {}),
        }
    if report.waivers:
        result["waivers"] = [_waiver(waiver, paths) for waiver, paths in summary.waivers]
    if report.reproduction is not None:
        result["reproduction"] = reproduction.to_object(report.reproduction)
    return result


def _not_compared(group: NotCompared) -> dict[str, object]:
    return asdict(group)


def _subject(subject: Subject) -> dict[str, object]:
    return {
        "distro": subject.distro,
        "packages": [
            {
                "name": package.name,
                "version": package.version,
                "architecture": package.architecture,
                "sha256": package.sha256,
            }
            for package in subject.packages
        ],
        "release": str(subject.release),
        "target": str(subject.target),
        "goroot": subject.goroot,
        **({"payload": subject.payload} if subject.payload else {}),
    }


def _upstream(upstream: Upstream) -> dict[str, object]:
    return {
        "channel": upstream.channel,
        "url": upstream.url,
        "sha256": upstream.sha256,
        "verified": [
            {"how": verification.how, "rests_on": verification.rests_on}
            for verification in upstream.verified
        ],
        "source": _upstream(upstream.source) if upstream.source else None,
        **({} if upstream.confirmed else {"confirmed": False}),
        **({"log_proof": upstream.log_proof} if upstream.log_proof else {}),
    }


def _finding(finding: Finding, summary: Summary) -> dict[str, object]:
    return {
        "path": finding.path,
        "standing": finding.standing.value,
        "effective": summary.standings[finding.path].value,
        "side": finding.side.value,
        "kind": finding.kind,
        "rule": finding.rule,
        "cause": cause_of(finding),
        "causes": [value.to_object(cause) for cause in finding.causes],
        "proof": _proof(finding.proof) if finding.proof else None,
        "rests_on": list(finding.rests_on),
        "where": where_of(finding),
        "places": [value.to_object(place) for place in finding.where],
        "rebuild": finding.rebuild,
        "command": finding.command,
        "consequences": [_consequence(each, summary) for each in finding.consequences],
        **({"reach": _reach(finding.reach)} if finding.reach else {}),
        **(
            {"candidates": [_candidate(each) for each in finding.candidates]}
            if finding.candidates
            else {}
        ),
    }


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "name": candidate.name,
        "strength": candidate.strength.value,
        "settings": [
            {"kind": each.kind.value, "name": each.name, "value": each.value}
            for each in candidate.settings
        ],
        "traces": [asdict(trace) for trace in candidate.traces],
        "replayable": candidate.replayable,
        "tried": candidate.tried.value,
    }


def _reach(reach: Reach) -> dict[str, object]:
    return {
        "what": reach.what.value,
        "packages": list(reach.packages),
        "executables": list(reach.executables),
        "every": reach.every,
    }


def _proof(proof: Proof) -> dict[str, object]:
    return {
        "rule": proof.rule,
        "standing": proof.standing.value,
        "cause": causes.phrase(proof.causes),
        "causes": [value.to_object(cause) for cause in proof.causes],
        "digest": proof.digest,
        "tools": _tools(proof.tools),
        "details": {
            key: list(detail) if isinstance(detail, tuple) else detail
            for key, detail in sorted(proof.details.items())
        },
        "rests_on": list(proof.rests_on),
        "rebuild": proof.rebuild,
    }


def _consequence(consequence: Consequence, summary: Summary) -> dict[str, object]:
    return {
        "effect": consequence.effect.value,
        "path": consequence.path,
        "side": consequence.side.value,
        "pinned_in": consequence.pinned_in,
        "pinned": consequence.pinned,
        "actual": consequence.actual,
        "pinned_by": consequence.pinned_by.value,
        "failure": value.to_object(consequence.failure),
        "sentence": failures.sentence(consequence),
        "command": summary.command_of(consequence),
        "waived": consequence.waived,
    }


def _waiver(waiver: Waiver, paths: Sequence[str]) -> dict[str, object]:
    return {
        "takes": waiver.takes.value,
        "name": waiver.name,
        "pattern": waiver.pattern,
        "package": waiver.package,
        "reason": waiver.reason,
        "file": waiver.file,
        "line": waiver.line,
        "until": waiver.until.isoformat() if waiver.until else None,
        "expired": waiver.expired,
        "paths": list(paths),
    }


def _tools(tools: tuple[Tool, ...]) -> list[dict[str, str]]:
    return [{"name": tool.name, "version": tool.version} for tool in tools]


def _sorted(mapping: Mapping[str, object]) -> dict[str, object]:
    return {key: mapping[key] for key in sorted(mapping)}
