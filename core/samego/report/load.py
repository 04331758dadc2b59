"""Read a report back from JSON.

A report may come from another person: nothing in it is believed that it contradicts
itself about. What can be computed from the findings (verdict, counts, effective
standings) must be what the report says.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from samego.compare.verdict import bar_of
from samego.errors import InputError, ReportError, UnknownReleaseError
from samego.model import failures, value
from samego.model.asked import Asked, From, is_written_by_check
from samego.model.candidate import Candidate, Setting, SettingKind, Strength, Trace, Tried
from samego.model.finding import Consequence, Effect, Finding, Side
from samego.model.proof import Detail, Proof, Standing, Tool
from samego.model.reach import Reach, Reached
from samego.model.release import Release, Target
from samego.model.report import NotCompared, Report, Upstream
from samego.model.subject import Package, Subject
from samego.model.value import Cause, Failure, Place
from samego.model.verification import Verification
from samego.model.waiver import Takes, Waiver
from samego.report import reproduction, schema, strict_json
from samego.report.earlier import FIRST, upgraded, with_failures
from samego.report.json import to_object
from samego.report.strict_json import TooDeepError
from samego.report.summary import Summary
from samego.system.terminal import visible

#: Imported for the kinds that reports name.
_KINDS = failures
#: What describes values, and where such objects are below one another.
_WORDS = frozenset({"cause", "where", "sentence", "command"})
_VALUES = ("causes", "failure")
_NESTED = frozenset({"proof", "artifacts", "differences", "consequences"})
#: No report is larger, in bytes: 14,000 findings with their proofs are about 12 MB.
LIMIT = 64 << 20


def load(path: Path, *, exact: bool = False) -> Report:
    """Read a report from a file; see :func:`loads` for ``exact``.

    Raises InputError when it cannot be read and ReportError when it is no report.
    """
    return loads(read(path), name=visible(str(path)), exact=exact)


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


def loads(data: bytes, *, name: str, known: bool = False, exact: bool = False) -> Report:
    """Read a report from its bytes; ``name`` says in messages what was read.

    ``known`` says that these very bytes were read before: the schema, which takes most of the
    time, is not checked again. Where they were not, LookupError, TypeError and AttributeError
    may be raised. ``exact`` requires that the words are those of the values too: for a caller that
    verifies a report. They are compared where this very version of samego wrote it.

    Raises ReportError for what is not JSON, not a report, of another schema version, or
    contradicts itself.
    """
    if len(data) > LIMIT:
        raise ReportError(
            f"{name} is larger than {LIMIT >> 20} MiB",
            hint="name a report: no report is that large",
        )
    try:
        parsed = strict_json.parse(data)
    except TooDeepError as error:
        raise ReportError(
            f"{name} is nested too deeply", hint="name a report that samego wrote"
        ) from error
    except (ValueError, OverflowError) as error:
        raise ReportError(
            f"{name} is not JSON ({visible(str(error))})",
            hint="name a file that 'samego check --format json' wrote",
        ) from error
    if not known:
        schema.check(parsed, name=name)
    first = parsed["schema"] == FIRST
    if first:
        parsed = upgraded(parsed)
    parsed = with_failures(parsed)
    try:
        report = replace(_report(parsed), in_words=first)
        consistent = to_object(Summary(report))
    except (ValueError, OverflowError) as error:
        raise ReportError(
            f"{name} is not a report as samego writes it: {visible(str(error))}",
            hint="it was changed or damaged, or a newer samego wrote it",
        ) from error
    except UnknownReleaseError as error:
        raise ReportError(
            f"{name} names an unknown release or target ({error.message})", hint=error.hint
        ) from error
    same_words = exact and not first and report.version == version("samego")
    shown = _whole if same_words else _wordless
    for key, found in consistent.items():
        # The first version leaves the patches out where there are none.
        if shown(parsed.get(key, found)) != shown(found):
            raise ReportError(
                f"{name} contradicts itself: {key} is not what its findings give",
                hint="it was changed or damaged, or another samego wrote it: check again",
            )
    return report


def _whole(found: Any) -> Any:  # noqa: ANN401 - JSON
    return found


def _wordless(found: Any) -> Any:  # noqa: ANN401 - JSON
    """A key's value without what is made from its values anew, whatever the file says."""
    if isinstance(found, list):
        return [_wordless(each) for each in found]
    if isinstance(found, dict):
        return {
            key: _wordless(each) if key in _NESTED else each
            for key, each in found.items()
            if key not in _WORDS or not any(each in found for each in _VALUES)
        }
    return found


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
            payload=subject.get("payload", ""),
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
        asked=_asked(data["asked"]) if "asked" in data else None,
        waivers=tuple(_waiver(each) for each in data.get("waivers", ())),
    )


def _waiver(data: dict[str, Any]) -> Waiver:
    until = data["until"]
    facts = {key: fact for key, fact in data.items() if key not in ("takes", "until", "paths")}
    day = dt.date.fromisoformat(until) if until is not None else None
    return Waiver(takes=Takes(data["takes"]), until=day, **facts)


def _asked(data: dict[str, Any]) -> Asked:
    command = _written("asked.command", data.get("command", ""))
    return Asked(From(data["from"]), tuple(data["instead"]), command)


def _written(key: str, command: str) -> str:
    """A command of the report, which is there to be copied to a shell; any other is refused."""
    if command and not is_written_by_check(command):
        raise ValueError(f"{key} is none that samego writes")
    return command


def _upstream(data: dict[str, Any]) -> Upstream:
    return Upstream(
        channel=data["channel"],
        url=data["url"],
        sha256=data["sha256"],
        verified=tuple(Verification(**verification) for verification in data["verified"]),
        source=_upstream(data["source"]) if data["source"] else None,
        confirmed=data.get("confirmed", True),
        log_proof=data.get("log_proof", ""),
    )


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(
        path=data["path"],
        standing=Standing(data["standing"]),
        side=Side(data["side"]),
        kind=data["kind"],
        rule=data["rule"],
        causes=_causes(data),
        proof=_proof(data["proof"]) if data["proof"] else None,
        rests_on=tuple(data["rests_on"]),
        where=tuple(value.from_object(Place, each) for each in data["places"]),
        command=_written("findings[].command", data["command"]),
        rebuild=data["rebuild"],
        consequences=tuple(_consequence(item) for item in data["consequences"]),
        reach=_reach(data["reach"]) if "reach" in data else None,
        candidates=tuple(_candidate(each) for each in data.get("candidates", ())),
    )


def _candidate(data: dict[str, Any]) -> Candidate:
    return Candidate(
        data["name"],
        Strength(data["strength"]),
        tuple(
            Setting(SettingKind(each["kind"]), each["name"], each["value"])
            for each in data["settings"]
        ),
        tuple(Trace(**trace) for trace in data["traces"]),
        data["replayable"],
        Tried(data["tried"]),
    )


def _causes(data: dict[str, Any]) -> tuple[Cause, ...]:
    return tuple(value.from_object(Cause, each) for each in data["causes"])


def _detail(found: Any) -> Detail:  # noqa: ANN401 - JSON
    return tuple(found) if isinstance(found, list) else found


def _reach(data: dict[str, Any]) -> Reach:
    packages, executables = tuple(data["packages"]), tuple(data["executables"])
    return Reach(Reached(data["what"]), packages, executables, data["every"])


def _proof(data: dict[str, Any]) -> Proof:
    return Proof(
        rule=data["rule"],
        standing=Standing(data["standing"]),
        causes=_causes(data),
        digest=data["digest"],
        tools=_tools(data["tools"]),
        details={key: _detail(found) for key, found in data["details"].items()},
        rests_on=tuple(data["rests_on"]),
        rebuild=data["rebuild"],
    )


def _consequence(data: dict[str, Any]) -> Consequence:
    return Consequence(
        effect=Effect(data["effect"]),
        path=data["path"],
        side=Side(data["side"]),
        pinned_in=data["pinned_in"],
        pinned=data["pinned"],
        actual=data["actual"],
        failure=value.from_object(Failure, data["failure"]),
        pinned_by=Side(data["pinned_by"]),
        waived=data["waived"],
    )


def _tools(data: list[dict[str, str]]) -> tuple[Tool, ...]:
    return tuple(Tool(**tool) for tool in data)
