"""The report of a check: its findings, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version

from samego.check.open_sides import OpenedUpstream
from samego.check.options import CheckOptions
from samego.check.published import machine_of, published
from samego.compare.engine import Comparison
from samego.compare.verdict import UNPATCHED, waive
from samego.compare.waivers import about, taken, waives_break
from samego.distro.interface import Shipment
from samego.model.asked import Asked, From
from samego.model.candidate import Tried
from samego.model.finding import Finding
from samego.model.inputs import DeclaredSource, Inputs
from samego.model.proof import Standing, Tool
from samego.model.release import Release
from samego.model.report import Report, Upstream, group_not_compared
from samego.model.subject import Subject
from samego.model.waiver import Waiver
from samego.reference.job import ReferenceKind
from samego.source.remembered import source_notes
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.interface import Posted


def asked_for(own: Subject, options: CheckOptions) -> Asked:
    """From where it came, what asks it again, and what the package says otherwise than the user.

    ``own`` is the subject as the package states it.
    """
    overruled = {
        "release": options.release not in (None, own.release),
        "target": options.target not in (None, own.target),
    }
    instead = tuple(name for name, other in overruled.items() if other)
    command = _command(machine_of(options.config).words(as_asked(options)), options.rebuild)
    if options.installed:
        return Asked(From.INSTALLED, instead, command)
    if options.what and options.what[0].startswith(f"{own.distro}:"):
        return Asked(From.SUITE, instead, command)
    packaged = all(package.sha256 for package in own.packages)
    return Asked(From.FILES if packaged else From.DIRECTORY, instead, command)


def compose_report(
    shipment: Shipment,
    subject: Subject,
    upstream: OpenedUpstream,
    comparison: Comparison,
    options: CheckOptions,
    timings: dict[str, float],
) -> Report:
    """The report of a comparison, without what belongs to this machine or this user.

    ``timings`` are the seconds of each stage.
    """
    machine = machine_of(options.config)
    named = machine.words(as_asked(options))
    waivers = about(options.waivers, subject)
    by_line = _breaks_waived(waivers, comparison.findings)
    findings, unused = waive(
        with_commands(comparison.findings, named, subject.release),
        {*options.waive, *by_line},
    )
    notes = shipment.notes + upstream.notes + _source_notes(upstream, options)
    notes += tuple(f"--waive {path}: nothing there breaks" for path in unused)
    report = Report(
        subject=subject,
        upstream=described(upstream.posted, upstream.source),
        findings=findings,
        identical=comparison.identical,
        not_compared=group_not_compared(comparison.not_compared),
        required=options.required,
        unpatched=options.unpatched,
        inputs=declared(shipment.inputs),
        notes=notes,
        tools=tools_of(findings),
        timings=timings,
        version=version("samego"),
        asked=asked_for(shipment.subject, options),
        waivers=waivers,
    )
    return published(replace(report, notes=(*notes, *_waiver_notes(report))), machine)


def _source_notes(upstream: OpenedUpstream, options: CheckOptions) -> tuple[str, ...]:
    """What samego source has found of upstream's files, as facts beside the verdict."""
    files = (upstream.posted, *((upstream.source,) if upstream.source else ()))
    cache = Cache(options.config.cache_directory)
    return tuple(source_notes(cache, (file.sha256 for file in files)))


def _breaks_waived(waivers: Sequence[Waiver], findings: Iterable[Finding]) -> set[str]:
    """The files that break something where a waiver in force names them."""
    return {
        item.path
        for finding in findings
        for item in finding.consequences
        if waives_break(waivers, item) is not None
    }


def _waiver_notes(report: Report) -> Iterator[str]:
    """What is to be said of waivers that took nothing."""
    paths = taken(report)
    for number, waiver in enumerate(report.waivers):
        where = f"{waiver.file}, line {waiver.line}"
        if waiver.expired:
            yield f"{where}: the waiver ended on {waiver.until}, so what it took counts again"
        elif not paths[number]:
            yield f"{where}: the waiver takes nothing that fails: remove it"


def described(posted: Posted, source: Posted | None) -> Upstream:
    """What a report says of upstream's file, and of the source archive that filled it in."""
    return Upstream(
        posted.channel,
        posted.url,
        posted.sha256,
        posted.verified,
        described(source, None) if source else None,
        posted.confirmed,
        posted.log_proof,
    )


def as_asked(options: CheckOptions) -> list[str]:
    """What the user named and gave, as words of a command line."""
    given = {
        "--release": options.release,
        "--target": options.target,
        "--distro": options.distro,
        "--upstream": options.upstream,
        "--source": options.source,
        "--require": bar if (bar := _bar(options)) != Standing.EXPLAINED.value else "",
        "--waivers": options.waivers_file,
    }
    words = ["--installed"] if options.installed else []
    words += options.asked or options.what
    words += [word for name, value in given.items() if value for word in (name, str(value))]
    words += [word for path in options.waive for word in ("--waive", path)]
    return words


def _command(named: str, rebuild: ReferenceKind | None) -> str:
    """The command that asks the same again. Without --allow-unverified: that is no answer."""
    quick = " --rebuild" if rebuild is ReferenceKind.QUICK else ""
    full = f" --rebuild={rebuild.value}" if rebuild is not None and not quick else ""
    return f"samego check{quick}{full} {named}"


def _bar(options: CheckOptions) -> str:
    return UNPATCHED if options.unpatched else options.required.value


def with_commands(findings: Iterable[Finding], named: str, release: Release) -> list[Finding]:
    """Spell out the command that would prove a finding, or try what may have made it so.

    Both build: where upstream's own build is not reproducible there is nothing to build.
    """
    return [
        replace(finding, command=f"samego check --rebuild {named}")
        if release.reproducible and (finding.rebuild or _tries(finding))
        else finding
        for finding in findings
    ]


def _tries(finding: Finding) -> bool:
    return any(each.replayable and each.tried is Tried.NO for each in finding.candidates)


def declared(inputs: Inputs) -> dict[str, object]:
    """What a report says of the inputs that the distro declared."""
    source = {"source": _source(inputs.source)} if inputs.source else {}
    return {
        "timestamp": inputs.timestamp,
        "settings": dict(inputs.settings),
        "patches": [patch.name for patch in inputs.patches],
        "origins": dict(inputs.origins),
        **source,
    }


def _source(source: DeclaredSource) -> dict[str, str]:
    return {**asdict(source), "signature": source.signature.value}


def tools_of(findings: tuple[Finding, ...]) -> tuple[Tool, ...]:
    """The third parties that took part in the proofs of these findings, by name."""
    tools = {tool for finding in findings if finding.proof for tool in finding.proof.tools}
    return tuple(sorted(tools, key=lambda tool: (tool.name, tool.version)))
