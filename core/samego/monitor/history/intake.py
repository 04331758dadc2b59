"""From a report's bytes to what the history says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from samego.errors import InputError, ReportError
from samego.model.finding import Effect
from samego.model.report import Report
from samego.monitor.history.record import InputsRun, RebuildRun, RebuiltFile, Run, SourceRun
from samego.report import load, strict_json, waived
from samego.report.headline import headline
from samego.report.load_inputs import parse_inputs
from samego.report.load_source import parse_source
from samego.report.reasons import Reason, ReasonKind, reasons
from samego.report.summary import Summary
from samego.report.trackers import gorebuild
from samego.report.trackers.build import DatedReport, build_of
from samego.report.words import subject_parts
from samego.system.terminal import visible

_FAILED = "failed"
#: Characters of one name or cause that the history keeps; the report has all.
_LONGEST = 1000


def run_of(data: bytes, when: datetime, *, name: str) -> Run:
    """The row of a check's report in JSON; ``name`` names it in messages.

    Raises ReportError for what is none.
    """
    return run_of_report(Summary(load.loads(data, name=name)), data, when)


def run_of_report(summary: Summary, data: bytes, when: datetime) -> Run:
    """The row of a report that is in hand; ``data`` is its JSON, which is not read again."""
    report = summary.report
    package, version, architecture = _identity(report, when)
    return Run(
        digest=hashlib.sha256(data).hexdigest(),
        when=when,
        distro=_word(report.subject.distro),
        package=_word(package),
        version=_word(version),
        architecture=_word(architecture),
        release=str(report.subject.release),
        target=str(report.subject.target),
        verdict=summary.verdict,
        passes=summary.passes,
        breaking=_paths(report, Effect.BREAKS),
        latent=_paths(report, Effect.LATENT),
        counts=summary.counts,
        reproduction=report.reproduction.outcome.value if report.reproduction else "",
        headline=headline(summary),
        samego=_word(report.version),
        bytes=_bytes(report),
        reasons=(*_waived(summary), *reasons(summary)),
        origin=report.asked.source.value if report.asked else "",
        experiment=_experiment(report),
        packages=tuple(sorted({package.sha256 for package in report.subject.packages} - {""})),
    )


def rebuild_of(data: bytes, when: datetime, *, name: str) -> RebuildRun:
    """The same for the result of a rebuild."""
    parsed = gorebuild.read(data, name=name)
    return RebuildRun(
        digest=hashlib.sha256(data).hexdigest(),
        when=when,
        release=_word(parsed["release"]),
        verdict=parsed["verdict"],
        samego=_word(parsed["samego"]),
        files=tuple(_files(parsed)),
    )


def inputs_of(data: bytes, when: datetime, *, name: str) -> InputsRun:
    """The same for what decides a release's bytes."""
    parsed = parse_inputs(data, name=name)
    return InputsRun(
        digest=hashlib.sha256(data).hexdigest(),
        when=when,
        release=_word(parsed["release"]),
        program=_word(parsed["program"] or ""),
        verdict=parsed["verdict"],
        samego=_word(parsed["samego"]),
    )


def source_of(data: bytes, when: datetime, *, name: str) -> SourceRun:
    """The same for where a release's source came from."""
    parsed = parse_source(data, name=name)
    source = parsed["source"]
    return SourceRun(
        digest=hashlib.sha256(data).hexdigest(),
        when=when,
        release=_word(parsed["release"]),
        source=source["sha256"],
        name=_word(source["file"] or parsed["packing"]["name"] or parsed["release"]),
        verdict=parsed["verdict"],
        samego=_word(parsed["samego"]),
    )


def _waived(summary: Summary) -> tuple[Reason, ...]:
    """How many things that would fail were waived."""
    number = waived.number(summary)
    return (Reason(ReasonKind.WAIVED, number),) if number else ()


def _word(text: str) -> str:
    """A name out of a report, as the database and every list can hold it."""
    return visible(text[:_LONGEST])


def _bytes(report: Report) -> str:
    """What is the same for all reports on the same packages against the same upstream target.

    The digest of the installed files identifies packages whose files were not available.
    """
    subject = report.subject
    digests = sorted({package.sha256 for package in subject.packages} - {""})
    if len(digests) < len(subject.packages) or not digests:
        if not subject.payload:
            return ""
        digests = [subject.payload]
    about = (*digests, str(subject.release), str(subject.target))
    return hashlib.sha256("\n".join(about).encode()).hexdigest()


def _experiment(report: Report) -> str:
    """Why a report says nothing of what a distro ships beside upstream; empty where it does."""
    overruled = report.asked.instead if report.asked else ()
    unverified = () if report.upstream.verified else ("upstream's file is not verified",)
    return ", ".join((*(f"--{name}" for name in overruled), *unverified))


def schema_of(data: bytes, *, name: str) -> object:
    """What kind of result this says that it is. Raises ReportError for what is no JSON."""
    hint = "name what 'samego check --format json' wrote"
    if len(data) > load.LIMIT:
        raise ReportError(f"{name} is larger than {load.LIMIT >> 20} MiB", hint=hint)
    try:
        parsed = strict_json.parse(data)
    except ValueError as error:
        raise ReportError(f"{name} is not JSON ({visible(str(error))})", hint=hint) from error
    return parsed.get("schema") if isinstance(parsed, dict) else None


def _identity(report: Report, when: datetime) -> tuple[str, str, str]:
    """The package, its version and its architecture, as the distro's trackers name them.

    What has no packages (a directory), or packages that no plugin here knows, is named by
    what the report says.
    """
    packages = report.subject.packages
    if not packages:
        release = str(report.subject.release).removeprefix("go")
        return f"/{report.subject.goroot.lstrip('/')}", release, report.subject.target.goarch
    try:
        build = build_of(DatedReport(report, "", when))
    except InputError:
        first = packages[0]
        return subject_parts(report)[0], first.version, first.architecture
    return build.source, build.version, build.architecture


def _paths(report: Report, effect: Effect) -> tuple[str, ...]:
    found = {item.path for item in report.consequences if item.effect is effect and not item.waived}
    return tuple(sorted(found))


def _files(parsed: dict[str, Any]) -> Iterator[RebuiltFile]:
    for bootstrap in parsed["bootstraps"]:
        for step in bootstrap["steps"]:
            if step["error"]:
                cause = _word(step["error"])
                yield RebuiltFile(_word(bootstrap["origin"]), "", "", _FAILED, "", cause)
        for target in bootstrap["targets"]:
            place = _word(bootstrap["origin"]), _word(target["target"])
            if target["error"]:
                yield RebuiltFile(*place, "", _FAILED, "", _word(target["error"]))
            for file in target["files"]:
                # An installer is not built, only what it installs: it has no sum.
                digest = file["sha256"] or ""
                name, cause = _word(file["name"]), _word(file["cause"])
                yield RebuiltFile(*place, name, file["outcome"], digest, cause)
