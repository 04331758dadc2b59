"""Read a report back from JSON.

A report may come from somebody else: nothing in it is believed that it contradicts
itself about. What can be computed from the findings (verdict, counts, effective
standings) must be what the report says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samego.compare.verdict import bar_of
from samego.errors import InputError, ReportError, UnknownReleaseError
from samego.model.finding import Consequence, Effect, Finding, Side
from samego.model.places.files import Lines
from samego.model.proof import Proof, Standing, Tool
from samego.model.release import Release, Target
from samego.model.report import NotCompared, Report, Upstream
from samego.model.subject import Package, Subject
from samego.model.value import Place, Told
from samego.model.verification import Verification
from samego.report import reproduction, schema, strict_json
from samego.report.json import to_object
from samego.report.strict_json import TooDeepError
from samego.system.terminal import visible
from samego.words import places

#: No report is larger, in bytes: 14,000 findings with their proofs are about 12 MB.
LIMIT = 64 << 20


def load(path: Path) -> Report:
    """Read a report from a file.

    Raises InputError when it cannot be read and ReportError when it is no report.
    """
    return loads(read(path), name=visible(str(path)))


def read(path: Path) -> bytes:
    """The bytes of a report's file, or more than LIMIT of one that is larger.

    Raises InputError when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise InputError(
            f"{visible(str(path))} cannot be read ({error.strerror})",
            hint="name a report that exists",
        ) from error


def loads(data: bytes, *, name: str, known: bool = False) -> Report:
    """Read a report from its bytes; ``name`` says in messages what was read.

    ``known`` says that these very bytes were read before: the schema, which takes most of the
    time, is not checked again. Where they were not, LookupError, TypeError and AttributeError
    may tell of it.

    Raises ReportError for what is not JSON, not a report, of another schema version, or
    contradicts itself.
    """
    if len(data) > LIMIT:
        raise ReportError(
            f"{name} is larger than {LIMIT >> 20} MiB", hint="no report is: name a report"
        )
    try:
        parsed = strict_json.parse(data)
        if not known:
            schema.check(parsed, name=name)
        report = _report(parsed)
        consistent = to_object(report)
    except TooDeepError as error:
        raise ReportError(f"{name} is nested too deeply", hint="no report is") from error
    except (ValueError, OverflowError) as error:
        raise ReportError(
            f"{name} is not JSON ({visible(str(error))})",
            hint="name a file that 'samego check --format json' wrote",
        ) from error
    except UnknownReleaseError as error:
        raise ReportError(
            f"{name} names an unknown release or target ({error.message})", hint=error.hint
        ) from error
    for key, value in consistent.items():
        # An earlier version did not list the patches.
        if parsed.get(key, value) != value:
            raise ReportError(
                f"{name} contradicts itself: {key} is not what its findings give",
                hint="it was changed or damaged, or another samego wrote it: check again",
            )
    return report


def _report(data: dict[str, Any]) -> Report:
    subject = data["subject"]
    required, unpatched = bar_of(data["required"])
    return Report(
        subject=Subject(
            distro=subject["distro"],
            packages=tuple(Package(**package) for package in subject["packages"]),
            release=Release.parse(subject["release"]),
            target=Target.parse(subject["target"]),
            goroot=subject["goroot"],
        ),
        upstream=_upstream(data["upstream"]),
        findings=tuple(_finding(finding) for finding in data["findings"]),
        identical=data["counts"]["identical"],
        not_compared=tuple(NotCompared(**group) for group in data["not_compared"]["paths"]),
        required=required,
        unpatched=unpatched,
        inputs=data["inputs"],
        notes=tuple(data["notes"]),
        tools=_tools(data["tools"]),
        timings={stage: float(wall) for stage, wall in data["timings"].items()},
        version=data["samego"],
        reproduction=(
            reproduction.from_object(data["reproduction"]) if "reproduction" in data else None
        ),
    )


def _upstream(data: dict[str, Any]) -> Upstream:
    return Upstream(
        channel=data["channel"],
        url=data["url"],
        sha256=data["sha256"],
        verified=tuple(Verification(**verification) for verification in data["verified"]),
        source=_upstream(data["source"]) if data["source"] else None,
        confirmed=data.get("confirmed", True),
    )


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(
        path=data["path"],
        standing=Standing(data["standing"]),
        side=Side(data["side"]),
        kind=data["kind"],
        rule=data["rule"],
        causes=(Told(data["cause"]),),
        proof=_proof(data["proof"]) if data["proof"] else None,
        rests_on=tuple(data["rests_on"]),
        where=_where(data),
        command=data["command"],
        consequences=tuple(_consequence(item) for item in data["consequences"]),
    )


def _where(data: dict[str, Any]) -> tuple[Place, ...]:
    """Where a finding differs: its lines, or the words that the report has."""
    if "lines" in data:
        lines = Lines(**{**data["lines"], "diff": tuple(data["lines"]["diff"])})
        if places.said(lines) == data["where"]:  # words: this version has no values
            return (lines,)
    return (Told(data["where"]),) if data["where"] else ()


def _proof(data: dict[str, Any]) -> Proof:
    return Proof(
        rule=data["rule"],
        standing=Standing(data["standing"]),
        causes=(Told(data["cause"]),),
        digest=data["digest"],
        tools=_tools(data["tools"]),
        details=data["details"],
        rests_on=tuple(data["rests_on"]),
        command=data["command"],
    )


def _consequence(data: dict[str, Any]) -> Consequence:
    return Consequence(**{**data, "effect": Effect(data["effect"]), "side": Side(data["side"])})


def _tools(data: list[dict[str, str]]) -> tuple[Tool, ...]:
    return tuple(Tool(**tool) for tool in data)
